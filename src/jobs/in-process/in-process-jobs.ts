import { within } from '../grace.ts'
import type { JobHandler, Jobs } from '../jobs.ts'
import { retryDelayMs } from '../retry-delay.ts'
import { alarms } from './alarms.ts'

export interface InProcessJobsOptions {
  /** How many keys of one kind (the part before the colon) are handled at the same time: no kind waits for another. */
  readonly concurrency: number
  readonly now?: () => number
  /** A handler threw, or there is none for the key. */
  readonly onError: (key: string, error: unknown) => void
}

/** Keys of one kind. */
interface Line {
  /** A Set keeps the order in which keys were added. */
  readonly waiting: Set<string>
  running: number
}

/**
 * Wake-ups within this process. Keys are handled first in, first out; a key that is woken while it runs goes to the end of the line once.
 * A handler that throws is run again after 1 s, then 2 s, up to every 60 s, until it resolves; wake-ups in between wait for that moment.
 * Timers do not keep the process alive: it lives by its servers, and what is due stays in the store.
 */
export function inProcessJobs({ concurrency, now = Date.now, onError }: InProcessJobsOptions): Jobs {
  const lines = new Map<string, Line>()
  const running = new Map<string, Promise<void>>()
  const wokenAgain = new Set<string>()
  const failures = new Map<string, number>()
  const resting = new Set<string>()
  const wakeUps = alarms(now)
  // A clock that is set back must not stretch a retry.
  const retries = alarms(() => performance.now())
  let handlers: Readonly<Record<string, JobHandler>> | undefined
  let stopped = false

  function wake(key: string): void {
    if (stopped || resting.has(key)) return
    if (running.has(key)) wokenAgain.add(key)
    else lineOf(key).waiting.add(key)
    dispatch()
  }

  function dispatch(): void {
    if (!handlers || stopped) return
    for (const [kind, line] of lines) {
      for (const key of line.waiting) {
        if (line.running >= concurrency) break
        line.waiting.delete(key)
        line.running += 1
        running.set(key, run(key, handlers[kind]))
      }
    }
  }

  function lineOf(key: string): Line {
    const kind = key.split(':', 1)[0] ?? ''
    const line = lines.get(kind) ?? { waiting: new Set(), running: 0 }
    lines.set(kind, line)
    return line
  }

  async function run(key: string, handler: JobHandler | undefined): Promise<void> {
    // The caller notes this run as running first, also when the handler waits for nothing.
    await Promise.resolve()
    const failure = await outcomeOf(key, handler)
    running.delete(key)
    lineOf(key).running -= 1
    const again = wokenAgain.delete(key)
    if (!failure) failures.delete(key)
    else if (handler) rest(key)
    if (again) wake(key)
    dispatch()
    if (failure) onError(key, failure.error)
  }

  function rest(key: string): void {
    const failed = (failures.get(key) ?? 0) + 1
    failures.set(key, failed)
    resting.add(key)
    retries.set(key, performance.now() + retryDelayMs(failed), () => {
      resting.delete(key)
      wake(key)
    })
  }

  return {
    wake,
    wakeAt: (key, at) => {
      if (!stopped) wakeUps.set(key, at, () => wake(key))
    },
    start: (given) => {
      handlers = given
      dispatch()
    },
    stop: async (graceMs) => {
      stopped = true
      for (const { waiting } of lines.values()) waiting.clear()
      wakeUps.clear()
      retries.clear()
      await within(graceMs, Promise.all(running.values()))
    },
    depth: async () => [...lines.values()].reduce((sum, { waiting }) => sum + waiting.size, running.size),
  }
}

async function outcomeOf(
  key: string,
  handler: JobHandler | undefined,
): Promise<{ readonly error: unknown } | undefined> {
  if (!handler) return { error: new TypeError(`No handler takes the key "${key}".`) }
  try {
    await handler(key)
    return undefined
  } catch (error) {
    return { error }
  }
}
