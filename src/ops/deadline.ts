/** What was waited for did not come in time; it may still happen. */
export class DeadlineError extends Error {
  readonly waitedMs: number
  constructor(waitedMs: number) {
    super(`No answer within ${waitedMs} ms`)
    this.name = 'DeadlineError'
    this.waitedMs = waitedMs
  }
}

/**
 * The result of `work`, or its error, or `DeadlineError` after `ms`. The signal that `work` gets is aborted then; what it does all the
 * same is nobody's business any more, and a late rejection is not unhandled.
 */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController()
  const error = new DeadlineError(ms)
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      ending.abort(error)
      reject(error)
    }, ms)
  })
  try {
    return await Promise.race([work(ending.signal), deadline])
  } finally {
    clearTimeout(timer)
  }
}
