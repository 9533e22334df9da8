import type { Fact, Finding } from './finding.ts'

/** The same fact, before a remediation and after it. */
export interface Change {
  readonly before: Fact
  readonly after: Fact
}

/** One figure per check: the first one that a check states is the one that matters most. */
const PER_CHECK = 1
/** A figure that moved by less than this share of itself has not changed, whatever its last digits say. */
const MOVED = 0.05

/** What changed in the checks that had found a problem; facts that either side does not know are left out. */
export function compareFindings(before: readonly Finding[], after: readonly Finding[]): readonly Change[] {
  return before
    .filter((finding) => finding.verdict === 'problem')
    .flatMap((finding) => {
      const later = after.find((one) => one.id === finding.id)
      const pairs = finding.facts.flatMap((fact): Change[] => {
        const now = later?.facts.find((one) => one.id === fact.id)
        const comparable = typeof fact.value === 'number' && typeof now?.value === 'number' && fact.unit !== 'time'
        return now !== undefined && comparable ? [{ before: fact, after: now }] : []
      })
      return pairs.filter(moved).slice(0, PER_CHECK)
    })
}

function moved({ before, after }: Change): boolean {
  const [was, is] = [Number(before.value), Number(after.value)]
  return Math.abs(is - was) > MOVED * Math.max(Math.abs(was), Math.abs(is))
}
