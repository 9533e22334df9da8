import type { Random } from '../random.ts'
import type { Chronicle } from './chronicle.ts'
import type { Exporter } from './exporter.ts'
import { type Hands, PredictionSystem } from './system.ts'
import { offeredRps, surgeAt } from './traffic.ts'

const HOUR_MS = 3_600_000
export const HISTORY_MS = 26 * HOUR_MS
/** Before the surge little happens, and little has to be told. */
const CALM = { stepMs: 15_000, scrapeMs: 60_000 } as const
const CLOSE = { stepMs: 5_000, scrapeMs: 30_000 } as const
const CLOSE_FROM_MS = 0.5 * HOUR_MS

/**
 * Lets the past happen: yesterday with its quiet rise in the afternoon, the surge this morning, and what it has done since. `names` are
 * those of the replicas that exist now; of them as many are there at a time as the autoscaler wants. Returns the system as it is `now`.
 */
export function liveThrough(
  names: readonly string[],
  now: number,
  random: Random,
  attach: (system: PredictionSystem) => Exporter,
): { readonly system: PredictionSystem; readonly exporter: Exporter; readonly chronicle: Chronicle } {
  const from = now - HISTORY_MS
  const replicas = Math.ceil(offeredRps(from, now) / 1_150)
  const system = new PredictionSystem(random, replicas)
  const chronicle: Chronicle = { deaths: [], sizes: [] }
  const exporter = attach(system)
  const hands: Hands = {
    scale(wanted, at) {
      const present = new Set(system.main.names)
      if (wanted > names.length) throw new Error(`The past needs ${wanted} replicas, and ${names.length} have a name.`)
      for (const name of names.slice(0, wanted)) if (!present.has(name)) system.main.restart(name, at)
      for (const name of names.slice(wanted)) system.main.remove(name)
    },
    mayStart: () => true,
    started: () => {},
    died(death) {
      chronicle.deaths.push(death)
      exporter.died(death)
    },
  }
  // Those of the beginning have long been up; nobody waits for anybody.
  hands.scale(replicas, from - 2 * HOUR_MS)
  let scrapeAt = from
  let passedAt = from
  while (passedAt < now) {
    const { stepMs, scrapeMs } = passedAt < surgeAt(now) - CLOSE_FROM_MS ? CALM : CLOSE
    const at = Math.min(now, passedAt + stepMs)
    system.pass(at, (at - passedAt) / 1_000, offeredRps(at, now), hands)
    passedAt = at
    if (at >= scrapeAt) {
      exporter.scrape(at)
      chronicle.sizes.push({ at, up: system.main.up.size })
      scrapeAt = at + scrapeMs
    }
  }
  return { system, exporter, chronicle }
}
