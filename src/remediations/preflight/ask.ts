import type { Preflight } from '../../domain/remediation.ts'
import { answered } from '../answered.ts'
import type { Planning } from '../planning.ts'
import { RemediationError } from '../remediation.ts'

/** What one look found; what it looked at is said by the question. */
export type Looked = Omit<Preflight, 'what'>

/** One thing to look at before the offer. */
export interface Question {
  /** "permission", "disruption budgets". */
  readonly what: string
  /** Undefined where it does not apply to this workload. */
  readonly look: (planning: Planning) => Looked | undefined | Promise<Looked | undefined>
}

/** Asks everything side by side, in the order in which it is shown. What is not answered is unknown, with its reason, never fine. */
export async function askAll(planning: Planning, questions: readonly Question[]): Promise<readonly Preflight[]> {
  const found = await Promise.all(questions.map((question) => ask(planning, question)))
  return found.flatMap((one) => one ?? [])
}

async function ask(planning: Planning, { what, look }: Question): Promise<Preflight | undefined> {
  try {
    const looked = await answered(planning.signal, async () => look(planning))
    return looked && { what, ...looked }
  } catch (error) {
    return { what, verdict: 'unknown', text: `This could not be found out: ${reason(planning, error)}` }
  }
}

/** Why something is not known, in words for people. */
export function reason({ signal }: Pick<Planning, 'signal'>, error: unknown): string {
  if (error instanceof RemediationError) return error.message
  if (signal.aborted) return 'there was no answer in time.'
  return `the question itself failed (${error instanceof Error ? error.message : 'no reason given'}).`
}

export const passed = (text: string): Looked => ({ verdict: 'passed', text })

export const caution = (text: string, fix?: string): Looked => ({ verdict: 'caution', text, ...(fix && { fix }) })

/** What the cluster itself would let pass. */
export const failed = (text: string, fix: string): Looked => ({ verdict: 'failed', text, fix, overridable: true })

/** What the cluster itself would refuse, or what would have no effect: breaking the glass would not help. */
export const impossible = (text: string, fix: string): Looked => ({ verdict: 'failed', text, fix, overridable: false })
