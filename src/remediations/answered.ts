import { once } from 'node:events'

/**
 * The answer, or the signal's reason as soon as it is aborted: a question that ignores its signal holds up nobody. Listens to a signal of its
 * own, as many questions run under one at the same time, and Node takes so many listeners for a leak.
 */
export async function answered<T>(signal: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const own = AbortSignal.any([signal])
  const settled = new AbortController()
  const aborted = once(own, 'abort', { signal: settled.signal }).then((): never => {
    own.throwIfAborted()
    throw new Error('aborted')
  })
  try {
    return await Promise.race([(async () => ask(own))(), aborted])
  } finally {
    settled.abort()
  }
}
