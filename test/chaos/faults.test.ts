import { expect, it } from '@jest/globals'
import { liveThrough, type Verdict } from './faults/history.ts'
import { drawPlan, type Plan, planText } from './faults/plan.ts'
import { shrink } from './faults/shrink.ts'
import { counted } from './findings.ts'
import { full, sized } from './size.ts'

/** `INCBOT_CHAOS_SEED` repeats the plans of a run; what the operating system makes of them differs all the same. */
const seed = Number(process.env.INCBOT_CHAOS_SEED ?? 8 * (Date.now() % 100_000))
const HISTORIES = Number(process.env.INCBOT_CHAOS_HISTORIES ?? sized(1, 21))
const FAULTS = Number(process.env.INCBOT_CHAOS_FAULTS ?? sized(30, 48))
/** Histories at the same time: each has its own bots, and a core is enough for two or three of those. */
const LANES = 2
const OVER_MS = sized(15_000, 27_000)
/** For finding a smaller history that breaks the same. */
const SHRINK_MS = full ? 180_000 : 0

/** Two or three bots on one Redis; every eighth history one alone on SQLite, and every eighth several behind a failover. */
const plans = Array.from({ length: HISTORIES }, (_, index) => planOf(seed + index))

/** All of a history follows from its seed, so that one of many can be lived again alone. */
function planOf(own: number): Plan {
  const storage = own % 8 === 3 ? 'sqlite' : own % 8 === 6 ? 'sentinel' : 'redis'
  return drawPlan({
    seed: own,
    bots: storage === 'sqlite' ? 1 : 2 + (own % 2),
    storage,
    socketMode: own % 5 === 4,
    count: FAULTS,
    overMs: OVER_MS,
  })
}

it(`keeps every promise through ${HISTORIES * FAULTS} faults in ${HISTORIES} histories of several bots`, async () => {
  const began = Date.now()
  const verdicts = await inLanes(plans)
  const sum = (of: (verdict: Verdict) => number): number => verdicts.reduce((total, one) => total + of(one), 0)
  const rests = verdicts
    .map(({ settledAfterMs }) => Math.round(settledAfterMs / 1_000))
    .toSorted((left, right) => left - right)
  process.stderr.write(
    `chaos: seeds ${seed}..${seed + HISTORIES - 1}, ${sum(({ struck }) => struck.length)} faults (${counted(verdicts.flatMap(({ struck }) => struck))}); ${sum(({ incidents }) => incidents)} incidents, ${sum(({ webhooks }) => webhooks)} webhooks of which ${sum(({ acknowledged }) => acknowledged)} were acknowledged, ${sum(({ presses }) => presses)} presses, remediations ${counted(verdicts.flatMap(({ remediations }) => remediations))}; ${sum(({ violations }) => violations.length)} violations; at rest again after ${rests[rests.length >> 1] ?? 0} s in the median, ${rests.at(-1) ?? 0} s at most; ${((Date.now() - began) / 1000).toFixed(0)} s\n`,
  )
  const failed = verdicts.filter(({ violations }) => violations.length > 0)
  const [first] = failed.toSorted((left, right) => left.violations.length - right.violations.length)
  if (first !== undefined) throw new Error(await told(first, failed))
  expect(sum(({ struck }) => struck.length)).toBe(HISTORIES * FAULTS)
}, 1_200_000)

async function inLanes(all: readonly Plan[]): Promise<readonly Verdict[]> {
  const waiting = [...all]
  const lanes = await Promise.allSettled(
    Array.from({ length: LANES }, async () => {
      const lived: Verdict[] = []
      for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift()) {
        lived.push(await livedThrough(plan))
      }
      return lived
    }),
  )
  const broken = lanes.find((one) => one.status === 'rejected')
  if (broken !== undefined) throw broken.reason
  return lanes.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
}

/** One that does not come to its end is as bad as one that breaks a promise, and says which it was. */
async function livedThrough(plan: Plan): Promise<Verdict> {
  try {
    const verdict = await liveThrough(plan)
    // At once: a later history that does not end must not hide what this one found.
    const found = verdict.violations.map(({ about, what }) => `\n  ${about}: ${what.slice(0, 300)}`).join('')
    process.stderr.write(
      `chaos: seed ${plan.seed} on ${plan.storage}, ${verdict.violations.length} violations${found}\n`,
    )
    return verdict
  } catch (error) {
    throw new Error(`A history did not end.\n${planText(plan)}`, { cause: error })
  }
}

async function told(first: Verdict, failed: readonly Verdict[]): Promise<string> {
  const list = failed.flatMap(({ plan, violations }) =>
    violations.map(({ about, what }) => `seed ${plan.seed}: ${about}: ${what.slice(0, 300)}`),
  )
  const { smallest, tries } = await shrink(first, liveThrough, SHRINK_MS)
  const stories = smallest.violations.slice(0, 3).map(({ about, what, story }) => `${about}: ${what}\n${story}`)
  return [
    `${list.length} violations in ${failed.length} histories:`,
    ...list,
    `The smallest history of ${tries + 1}, ${planText(smallest.plan)}`,
    ...stories,
  ].join('\n\n')
}
