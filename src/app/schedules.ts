import type { Config } from '../config/config.ts'
import type { JobHandler } from '../jobs/jobs.ts'
import { type Schedule, startSchedule } from '../ops/schedule.ts'
import { digestTurns } from '../pipeline/digest.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { DigestPost, Ports } from '../pipeline/ports.ts'
import { scheduledChecks } from '../pipeline/scheduled-checks.ts'
import { markTurns, takeTurn } from '../pipeline/slots.ts'

export interface Schedules {
  /** For `Jobs.start`, also where nothing is scheduled: what an earlier configuration left due must find somebody. */
  readonly handlers: Readonly<Record<'schedule' | 'digest', JobHandler>>
  /** Marks as due what has its turn now. */
  look(): Promise<void>
  start(): void
  stop(): Promise<void>
}

/** Cron's own step. When it is whose turn is computed from the clock, so that a lost tick is made good by the next one. */
const LOOK_EVERY_MS = 60_000

/** `schedule:` and `digest:` of incbot.yaml. A tick only marks records as due; handlers do the work. */
export function openSchedules(
  ports: Ports,
  {
    config,
    pipeline,
    post,
  }: {
    readonly config: Pick<Config, 'schedule' | 'digest'>
    readonly pipeline: Pick<Pipeline, 'receive'>
    readonly post: DigestPost
  },
): Schedules {
  const turns = [
    ...config.schedule.map((entry) => scheduledChecks(ports, pipeline, entry)),
    ...(config.digest === undefined ? [] : [digestTurns(ports, post, config.digest, config.schedule)]),
  ]
  const take = (key: string): Promise<void> => takeTurn(ports, turns, key)
  const look = (): Promise<void> => markTurns(ports, turns)
  let ticking: Schedule | undefined
  return {
    handlers: { schedule: take, digest: take },
    look,
    start() {
      if (turns.length === 0) return
      ticking = startSchedule({ name: 'turns', everyMs: LOOK_EVERY_MS, log: ports.log, run: look })
    },
    async stop() {
      await ticking?.stop()
    },
  }
}
