import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { channelOf, openOffice, pagerDutyServiceId } from '../bot/office.ts'
import { residentBytes, type ServedBot, startBot, startHelper } from '../bot/process.ts'
import { withDirectory } from '../directory.ts'
import type { LoadOrder, LoadResult } from '../intake/load-message.ts'
import { nextPost, type SlackStandIn } from '../latency/posts.ts'
import { type Measurement, median } from '../report.ts'
import { fill } from './fill.ts'

const MANY = 10_000
const FEW = 20
const SAMPLES = 15
const WARM_UP = 3
const PAUSE_MS = 400
const IDLE_MS = 4_000
/** Part of the ids of all incidents here. */
export const STATE_ROUND = 'STATE'

interface Stage {
  readonly bot: ServedBot
  readonly slack: SlackStandIn
}

/** What ten thousand open incidents and ten thousand services cost: time to start, memory, and the time that one more event takes. */
export function stateGrowth(): Promise<readonly Measurement[]> {
  return withDirectory(async (directory) => {
    const few = await openStage(join(directory, 'few'), FEW)
    const many = await openStage(join(directory, 'many'), MANY)
    const load = startHelper('intake/load')
    const samples: { readonly few: number; readonly many: number }[] = []
    try {
      await sleep(IDLE_MS)
      const idleBytes = await residentBytes(many.bot.pid)
      for (let index = 0; index < WARM_UP + SAMPLES; index++) {
        // The one that is asked second finds the processor warmer.
        const isFewFirst = index % 2 === 0
        const first = await reconcileMs(isFewFirst ? few : many, index)
        const second = await reconcileMs(isFewFirst ? many : few, index)
        samples.push(isFewFirst ? { few: first, many: second } : { few: second, many: first })
        await sleep(PAUSE_MS)
      }
      const counted = samples.slice(WARM_UP)
      const fewMs = median(counted.map((one) => one.few))
      const manyMs = median(counted.map((one) => one.many))
      return [
        {
          name: 'state-start',
          measured: `${many.bot.startedMs.toFixed(0)} ms to start with ${MANY} services and open incidents`,
          against: '2000 ms',
          ratio: many.bot.startedMs / 2_000,
          bar: 1,
          better: 'lower',
        },
        {
          name: 'state-memory',
          measured: `${(idleBytes / 1e6).toFixed(0)} MB resident with them`,
          against: '300 MB',
          ratio: idleBytes / 300e6,
          bar: 1,
          better: 'lower',
        },
        {
          name: 'state-reconcile',
          measured: `${manyMs.toFixed(1)} ms from an event to its post with them`,
          against: `${fewMs.toFixed(1)} ms with ${FEW}`,
          ratio: manyMs / fewMs,
          bar: 1.2,
          better: 'lower',
        },
      ]
    } finally {
      await Promise.all([few.bot.stop(), many.bot.stop(), load.stop()])
      await Promise.all([few.slack.stop(), many.slack.stop()])
    }

    /** From one more event of an open incident until its card stands in Slack. */
    async function reconcileMs({ bot, slack }: Stage, index: number): Promise<number> {
      const posted = nextPost(slack, channelOf(index))
      const sentAt = performance.now()
      const plan = {
        round: STATE_ROUND,
        count: 1,
        incidents: 1,
        firstIncident: index,
        services: [pagerDutyServiceId(index)],
      }
      load.send({ port: bot.port, connections: 1, plan, forMs: 5_000 } satisfies LoadOrder)
      const { accepted } = await load.next<LoadResult>()
      if (accepted !== 1) throw new Error('The event was not accepted')
      return (await posted) - sentAt
    }
  })
}

async function openStage(directory: string, size: number): Promise<Stage> {
  const { slack, env } = await openOffice({ directory, services: size, checks: [] })
  const store = await openSqliteStore({ path: join(env.INCBOT_DATA_DIR, 'incbot.db'), ownerId: 'bench' })
  await fill(store, { incidents: size, services: size })
  await store.close()
  return { bot: await startBot(env, join(directory, 'log')), slack }
}
