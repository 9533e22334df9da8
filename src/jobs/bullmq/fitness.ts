/** Whether this replica can handle anything at all just now. */
export interface Fitness {
  /** Asked after a handler failed; many who ask at once share one question. Never rejects. */
  isFit(): Promise<boolean>
  /** Asks nothing more. */
  stop(): void
}

export interface FitnessOptions {
  /** Resolves while keys can be handled here. */
  readonly probe: () => Promise<unknown>
  readonly askAgainMs: number
  /** Called each time that the answer is no, so that nothing more is taken. */
  readonly onUnfit: () => void
  /** It can again. */
  readonly onFit: () => void
}

/** Asks only once something failed, and from then on until all is well. */
export function createFitness({ probe, askAgainMs, onUnfit, onFit }: FitnessOptions): Fitness {
  let asking: Promise<boolean> | undefined
  let waiting: NodeJS.Timeout | undefined
  let stopped = false

  const ask = (): Promise<boolean> =>
    probe().then(
      () => true,
      () => false,
    )

  function isFit(): Promise<boolean> {
    asking ??= ask().then((fit) => {
      asking = undefined
      if (!fit && !stopped) wait()
      return fit
    })
    return asking
  }

  function wait(): void {
    onUnfit()
    waiting ??= setTimeout(() => {
      waiting = undefined
      void isFit().then((fit) => {
        if (fit && !stopped) onFit()
      })
    }, askAgainMs).unref()
  }

  return {
    isFit,
    stop() {
      stopped = true
      clearTimeout(waiting)
    },
  }
}
