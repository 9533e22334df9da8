import { startHelper } from '../bot/process.ts'
import { median } from '../report.ts'
import type { LoadOrder, LoadResult } from './load-message.ts'

const ROUNDS = 9
const ROUND_MS = 800
/** Before that, code is not compiled yet, which costs incbot more than a server of thirty lines. */
const WARM_UP_MS = { bare: 1_000, bot: 6_000 }
const CONNECTIONS = 64
/** More than any server here can take in one round. */
const MOST_PER_SECOND = 12_000

export interface IntakeRates {
  readonly botPerSecond: number
  readonly barePerSecond: number
  /** Median of the rounds' own ratios. */
  readonly ratio: number
  /** How many webhooks incbot has answered with 202, those before the rounds included. */
  readonly accepted: number
}

/** Webhooks a second of incbot on `port` and of a bare server, in turn, in short rounds under the same load. */
export async function compareIntake(port: number, services: readonly string[]): Promise<IntakeRates> {
  const bare = startHelper('intake/bare-server')
  const load = startHelper('intake/load')
  let accepted = 0

  async function perSecond(of: number, round: string, forMs: number): Promise<number> {
    const count = Math.ceil((MOST_PER_SECOND * forMs) / 1_000)
    const plan = { round, count, incidents: services.length, services }
    load.send({ port: of, connections: CONNECTIONS, plan, forMs } satisfies LoadOrder)
    const result = await load.next<LoadResult>()
    if (Object.keys(result.others).length > 0)
      throw new Error(`Not every webhook was accepted: ${JSON.stringify(result.others)}`)
    if (of === port) accepted += result.accepted
    return (result.accepted * 1_000) / result.tookMs
  }

  try {
    const { port: barePort } = await bare.next<{ port: number }>()
    await perSecond(barePort, 'WB', WARM_UP_MS.bare)
    await perSecond(port, 'WI', WARM_UP_MS.bot)
    const rounds: { readonly bare: number; readonly bot: number }[] = []
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({
        bare: await perSecond(barePort, `B${round}`, ROUND_MS),
        bot: await perSecond(port, `I${round}`, ROUND_MS),
      })
    return {
      botPerSecond: median(rounds.map((one) => one.bot)),
      barePerSecond: median(rounds.map((one) => one.bare)),
      ratio: median(rounds.map((one) => one.bot / one.bare)),
      accepted,
    }
  } finally {
    await Promise.all([bare.stop(), load.stop()])
  }
}
