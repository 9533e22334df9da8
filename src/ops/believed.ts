import { within } from './deadline.ts'

/** Asks for what `key` stands for. `unknown` when no answer came, or not before the signal. Never rejects. */
export type Believed<Value> = (key: string, signal: AbortSignal) => Promise<Value | 'unknown'>

interface Question<Value> {
  /** ms since the epoch. */
  readonly at: number
  readonly answer: Promise<Value | 'unknown'>
}

/** More is not remembered: the oldest answers are forgotten first. */
const REMEMBERED = 5_000

/**
 * Asks somebody else, and believes the answer for `freshMs` from the moment of asking. Several who ask at once share one question, whose
 * deadline is its own: an answer that comes too late for one caller is there for the next. What could not be found out is asked again.
 */
export function believed<Value>(options: {
  readonly freshMs: number
  readonly deadlineMs: number
  readonly now: () => number
  readonly ask: (key: string, signal: AbortSignal) => Promise<Value>
  readonly onUnknown: (key: string, error: unknown) => void
}): Believed<Value> {
  const { freshMs, deadlineMs, now, ask, onUnknown } = options
  const asked = new Map<string, Question<Value>>()

  function askNow(key: string): Promise<Value | 'unknown'> {
    const question: Question<Value> = {
      at: now(),
      answer: within(deadlineMs, (signal) => ask(key, signal)).catch((error: unknown) => {
        if (asked.get(key) === question) asked.delete(key)
        onUnknown(key, error)
        return 'unknown' as const
      }),
    }
    asked.delete(key)
    asked.set(key, question)
    const [oldest] = asked.keys()
    if (asked.size > REMEMBERED && oldest !== undefined) asked.delete(oldest)
    return question.answer
  }

  return async (key, signal) => {
    if (signal.aborted) return 'unknown'
    const known = asked.get(key)
    // A clock that was set back makes nothing fresher.
    const isFresh = known !== undefined && Math.abs(now() - known.at) < freshMs
    return (await unlessAborted(isFresh ? known.answer : askNow(key), signal)) ?? 'unknown'
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const give = (): void => resolve(undefined)
    signal.addEventListener('abort', give, { once: true })
    work.finally(() => signal.removeEventListener('abort', give)).then(resolve, reject)
  })
}
