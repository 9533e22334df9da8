import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { keysOf } from '../../src/store/redis/keys.ts'
import { openOffice, pagerDutyServiceId } from '../bot/office.ts'
import { startBot, startHelper } from '../bot/process.ts'
import { withDirectory } from '../directory.ts'
import { type Measurement, quantile } from '../report.ts'
import { compareIntake } from './compare.ts'
import type { LoadOrder, LoadResult } from './load-message.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

const SERVICES = 50
const RATIO_BAR = 0.6
const P99_BAR_MS = 25
const PACED_MS = 4_000
const CRASH_MS = 4_000
const KILL_AFTER_MS = 1_500

/**
 * The same as into SQLite, into a Redis that syncs every write; how long the slowest wait at half that load; and that nothing answered with
 * 202 is missing after Redis was killed under load.
 */
export function intakeIntoRedis(): Promise<readonly Measurement[]> {
  return withDirectory(async (directory) => {
    const redis = await startRedis(join(directory, 'redis'))
    const office = await openOffice({ directory, services: SERVICES, checks: [] })
    const bot = await startBot({ ...office.env, REDIS_URL: redis.url }, join(directory, 'log'))
    const load = startHelper('intake/load')
    const services = Array.from({ length: SERVICES }, (_, index) => pagerDutyServiceId(index))
    const send = (round: string, count: number, forMs: number, perSecond?: number): Promise<LoadResult> => {
      const plan = { round, count, incidents: SERVICES, services }
      const pace = perSecond === undefined ? {} : { perSecond }
      load.send({ port: bot.port, connections: 64, plan, forMs, ...pace } satisfies LoadOrder)
      return load.next<LoadResult>()
    }
    try {
      const rates = await compareIntake(bot.port, services)
      const half = rates.botPerSecond / 2
      const paced = await send('P', Math.ceil((half * PACED_MS) / 1_000), PACED_MS, half)
      const before = rates.accepted + paced.accepted
      await mustHold(redis, before, before)
      const crashing = send('K', Math.ceil((rates.botPerSecond * CRASH_MS) / 1_000), CRASH_MS)
      await sleep(KILL_AFTER_MS)
      await redis.killAndRestart()
      const crashed = await crashing
      const refused = Object.values(crashed.others).reduce((sum, count) => sum + count, 0)
      // What was refused may have been stored all the same: PagerDuty sends it again, and it is a duplicate then.
      await mustHold(redis, before + crashed.accepted, before + crashed.accepted + refused)
      const p99 = quantile(paced.latenciesMs, 0.99)
      return [
        {
          name: 'intake-redis',
          measured: `${rates.botPerSecond.toFixed(0)} webhooks/s, each synced by Redis`,
          against: `${rates.barePerSecond.toFixed(0)}/s of a bare server`,
          ratio: rates.ratio,
          bar: RATIO_BAR,
          better: 'higher',
        },
        {
          name: 'intake-redis-p99',
          measured: `${p99.toFixed(1)} ms at half that load`,
          against: `${P99_BAR_MS} ms`,
          ratio: p99 / P99_BAR_MS,
          bar: 1,
          better: 'lower',
        },
      ]
    } finally {
      await Promise.all([bot.stop(), load.stop()])
      await Promise.all([redis.stop(), office.slack.stop()])
    }
  })
}

/** Throws when Redis knows fewer events than were answered with 202, or more than were sent. */
async function mustHold(redis: RedisServer, least: number, most: number): Promise<void> {
  const stored = await redis.countMembers(keysOf('incbot').seen, 'pd-event:')
  if (stored < least || stored > most)
    throw new Error(`incbot has answered ${least} webhooks with 202, ${most} at most, and Redis holds ${stored}`)
}
