import { schedule } from 'node-cron'
import type { Logger } from '../pipeline/ports.ts'

/** Elects one of several replicas for each slot of a schedule. */
export interface RunCoordinator {
  /** Whether this replica runs the slot, which nobody else is given for `ttlMs`. Rejects when it cannot be told: then the slot is left out. */
  shouldRun(slot: string, ttlMs: number): Promise<boolean>
}

export interface ScheduleOptions {
  /** For logs. */
  readonly name: string
  readonly everyMs: number
  readonly log: Logger
  /**
   * Given where one replica is enough: the others leave the tick out. A replica that dies in the middle takes its slot along, so what runs
   * must be something that the next slot does as well.
   */
  readonly coordinator?: RunCoordinator | undefined
  /** Never runs twice at the same time: a tick during a run is left out. A rejection is logged, and the next tick comes all the same. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

export interface Schedule {
  /** No more ticks; what runs is told to end, and waited for. */
  stop(): Promise<void>
}

/** How far the replicas' clocks may be apart. */
const SLOT_KEPT_MS = 60_000
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Steps that come out even in the next larger unit, so that ticks stay equally far apart; the largest first. */
const STEPS: readonly { readonly ms: number; readonly cron: string }[] = [
  ...[24, 12, 8, 6, 4, 3, 2, 1].map((n) => ({ ms: n * HOUR, cron: n === 24 ? '0 0 0 * * *' : `0 0 */${n} * * *` })),
  ...[30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1].map((n) => ({ ms: n * MINUTE, cron: `0 */${n} * * * *` })),
  ...[30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1].map((n) => ({ ms: n * SECOND, cron: `*/${n} * * * * *` })),
]

/** The cron expression (with seconds) that runs as often as `everyMs` or, where the clock has no such step, a little more often. */
export function cronEvery(everyMs: number): string {
  return (STEPS.find(({ ms }) => ms <= everyMs) ?? STEPS.at(-1))?.cron ?? '* * * * * *'
}

/**
 * Runs at once, and then by the clock (UTC): 5 minutes are :00, :05, …, the same for every replica. With a coordinator only one of them
 * runs a slot; at its start each runs for itself.
 */
export function startSchedule({ name, everyMs, log, coordinator, run }: ScheduleOptions): Schedule {
  const ending = new AbortController()
  let running: Promise<void> | undefined

  function tick(): void {
    if (ending.signal.aborted || running) return
    running = Promise.resolve()
      .then(() => run(ending.signal))
      .catch((error: unknown) => {
        if (!ending.signal.aborted) log.error({ err: error, schedule: name }, 'Scheduled work failed')
      })
      .finally(() => {
        running = undefined
      })
  }

  const say = (level: 'debug' | 'warn') => (message: string | Error) =>
    log[level]({ schedule: name, detail: String(message) }, 'Scheduler')
  const task = schedule(cronEvery(everyMs), tick, {
    name,
    ...(coordinator && { distributed: true, runCoordinator: coordinator, distributedLease: SLOT_KEPT_MS }),
    timezone: 'UTC',
    unref: true,
    suppressMissedWarning: true,
    logger: { debug: say('debug'), info: say('debug'), warn: say('warn'), error: say('warn') },
  })
  tick()
  return {
    async stop() {
      ending.abort(new Error('Shutting down'))
      await task.destroy()
      await running
    },
  }
}
