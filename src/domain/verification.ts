import type { Fact, Finding } from './finding.ts'
import { compareSeverities, worstSeverity } from './finding.ts'

/** The same fact, before a remediation and after it. */
export interface Change {
  readonly before: Fact
  readonly after: Fact
}

/**
 * What a remediation did, by the checks that had failed before it. `fixed` only where the runbook says that this kind of fix removes the cause;
 * `unknown` where the checks that had failed did not answer.
 */
export interface EffectVerdict {
  readonly verdict: 'fixed' | 'mitigated' | 'unchanged' | 'worse' | 'unknown'
  /** One sentence: by what it was judged. */
  readonly text: string
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

/** How a check fared: what it said before and what it says now. */
type Course = 'cleared' | 'better' | 'same' | 'worse' | 'unanswered'

/**
 * What a remediation did, by the very checks that had failed. `removesCause` is the runbook's word that this kind of fix does more than relieve:
 * without it the best that can be said is `mitigated`. `relieved` says that what was measured went down although a check still complains.
 */
export function judgeEffect(
  before: readonly Finding[],
  after: readonly Finding[],
  { removesCause, relieved }: { readonly removesCause: boolean; readonly relieved: boolean },
): EffectVerdict {
  const failed = before.filter(({ verdict }) => verdict === 'problem')
  const courses = failed.map((finding) => courseOf(finding, after))
  const count = (course: Course) => courses.filter((one) => one === course).length
  const missing = count('unanswered') === 0 ? '' : `; ${count('unanswered')} did not answer`
  const fresh = newProblems(before, after)
  const say = sentencesFor(failed.length)
  if (failed.length === 0)
    return { verdict: 'unknown', text: 'No check had failed before, so there is nothing to compare.' }
  if (count('unanswered') === failed.length) return { verdict: 'unknown', text: say.silent }
  if (isWorse(before, after, count('worse') + fresh.length, count('cleared') + count('better'))) {
    const worse = count('worse') === 0 ? say.noBetter : say.worse(count('worse'))
    return { verdict: 'worse', text: `${worse}${alsoNew(fresh)}${missing}.` }
  }
  if (count('cleared') === failed.length && removesCause)
    return { verdict: 'fixed', text: `${say.clear(failed.length)}.` }
  if (count('cleared') + count('better') > 0 || relieved) {
    const persists = removesCause ? '' : '; the cause is still there'
    return { verdict: 'mitigated', text: `${say.clear(count('cleared'))}${missing}${persists}${alsoNew(fresh)}.` }
  }
  return { verdict: 'unchanged', text: `${say.noBetter}${missing}.` }
}

/** How the checks that had failed fared, in words that are right for one and for many. */
function sentencesFor(failed: number) {
  if (failed === 1) {
    const one = 'The check that had failed'
    return {
      silent: `${one} does not answer now, so it cannot be told.`,
      noBetter: `${one} is no better now`,
      worse: () => `${one} is worse now`,
      clear: (cleared: number) => (cleared === 1 ? `${one} is clear now` : `${one} is not clear yet, but less bad`),
    }
  }
  const of = `of the ${failed} checks that had failed`
  const are = (count: number) => `${count} ${of} ${count === 1 ? 'is' : 'are'}`
  return {
    silent: `None ${of} answers now, so it cannot be told.`,
    noBetter: `None ${of} is better now`,
    worse: (count: number) => `${are(count)} worse now`,
    clear(cleared: number) {
      if (cleared === failed) return `All ${of} are clear now`
      return cleared === 0 ? `None ${of} is clear yet, but it is less bad` : `${are(cleared)} clear now`
    },
  }
}

function courseOf(before: Finding, after: readonly Finding[]): Course {
  const now = after.find(({ id }) => id === before.id)
  if (now === undefined || now.verdict === 'unknown') return 'unanswered'
  if (now.verdict === 'clear') return 'cleared'
  const order = compareSeverities(now.severity, before.severity)
  return order === 0 ? 'same' : order < 0 ? 'worse' : 'better'
}

function newProblems(before: readonly Finding[], after: readonly Finding[]): readonly Finding[] {
  return after.filter(
    ({ id, verdict }) => verdict === 'problem' && before.find((one) => one.id === id)?.verdict === 'clear',
  )
}

/** Something got worse, and either nothing got better or the worst of all is worse than it was. */
function isWorse(before: readonly Finding[], after: readonly Finding[], worse: number, better: number): boolean {
  return worse > 0 && (better === 0 || compareSeverities(worstSeverity(after), worstSeverity(before)) < 0)
}

function alsoNew(fresh: readonly Finding[]): string {
  return fresh.length === 0 ? '' : `; new: ${fresh.map(({ title }) => title).join(', ')}`
}
