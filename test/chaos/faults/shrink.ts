import type { Verdict } from './history.ts'
import type { Plan, PlannedFault } from './plan.ts'

/**
 * Lives a plan that broke an invariant again with fewer and fewer faults, for at most `withinMs`, and returns the smallest that broke one as well
 * (delta debugging, Zeller and Hildebrandt 2002). Real processes are not repeatable: a part that passes once may still be to blame.
 */
export async function shrink(
  failed: Verdict,
  liveAgain: (plan: Plan) => Promise<Verdict>,
  withinMs: number,
): Promise<{ readonly smallest: Verdict; readonly tries: number }> {
  const end = Date.now() + withinMs
  let smallest = failed
  let parts = 2
  let tries = 0
  while (smallest.plan.faults.length > 1) {
    const { faults } = smallest.plan
    const smaller = await firstToFail(candidates(faults, parts))
    if (smaller === 'out of time' || (smaller === undefined && parts >= faults.length)) break
    if (smaller !== undefined) smallest = smaller
    parts = smaller !== undefined ? 2 : Math.min(2 * parts, faults.length)
  }
  return { smallest, tries }

  async function firstToFail(
    choices: readonly (readonly PlannedFault[])[],
  ): Promise<Verdict | 'out of time' | undefined> {
    for (const faults of choices) {
      // Another one would not end in time.
      if (Date.now() + failed.tookMs > end) return 'out of time'
      tries += 1
      const verdict = await liveAgain({ ...smallest.plan, faults })
      if (verdict.violations.length > 0) return verdict
    }
    return undefined
  }
}

/** Each of the parts alone, then all but each of them. */
function candidates(faults: readonly PlannedFault[], parts: number): readonly (readonly PlannedFault[])[] {
  const size = Math.ceil(faults.length / parts)
  const slices = Array.from({ length: parts }, (_, index) => faults.slice(index * size, (index + 1) * size))
  const rests = parts === 2 ? [] : slices.map((slice) => faults.filter((fault) => !slice.includes(fault)))
  return [...slices, ...rests].filter((part) => part.length > 0 && part.length < faults.length)
}
