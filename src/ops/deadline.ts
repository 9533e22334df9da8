/** What was waited for did not come in time; it may still happen. */
export class DeadlineError extends Error {
  readonly waitedMs: number
  constructor(waitedMs: number) {
    super(`No answer within ${waitedMs} ms`)
    this.name = 'DeadlineError'
    this.waitedMs = waitedMs
  }
}

const NEVER = new AbortController().signal

/**
 * The result of `work`, or its error, or `DeadlineError` after `ms`. The signal that `work` gets is aborted then; what it does all the
 * same is nobody's business any more, and a late rejection is not unhandled.
 */
export async function within<T>(
  ms: number,
  work: (() => Promise<T>) | ((signal: AbortSignal) => Promise<T>),
): Promise<T> {
  // Making one costs more than many a wait, and work that takes no signal has no use for it.
  const ending = work.length === 0 ? undefined : new AbortController()
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // Made only now: an error costs a stack trace, and nearly every wait ends in time.
      const error = new DeadlineError(ms)
      ending?.abort(error)
      reject(error)
    }, ms)
  })
  try {
    return await Promise.race([work(ending?.signal ?? NEVER), deadline])
  } finally {
    clearTimeout(timer)
  }
}
