import type { Fact, Finding } from './finding.ts'

/** The same fact, before a remediation and after it. */
export interface Change {
  readonly before: Fact
  readonly after: Fact
}

/** At most this many figures per check: the first ones that a check states are the ones that matter most. */
const PER_CHECK = 2

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
      return pairs.filter(({ before: was, after: is }) => was.value !== is.value).slice(0, PER_CHECK)
    })
}
