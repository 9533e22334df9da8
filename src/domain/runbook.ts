/** How strongly a signal's value speaks for (> 1) or against (< 1) a hypothesis: P(value | true) / P(value | false). */
export type Evidence = Readonly<Record<string, Readonly<Record<string, number>>>>

/** A possible explanation, as the runbook states it. Sentences may quote facts as `{check.fact}`; a sentence whose fact is unknown is left out, and so is a clause of it in [brackets]. */
export interface HypothesisSpec {
  readonly id: string
  readonly title: string
  /** Probability before any check has run, between 0 and 1. */
  readonly prior: number
  readonly evidence: Evidence
  /** What to say when it leads. */
  readonly says: readonly string[]
  /** What to say when it was ruled out, such as "traffic (below last week)". */
  readonly ruledOut?: string
  /** What to do first, and afterwards. */
  readonly now: readonly string[]
  readonly fix: readonly string[]
}

export interface CheckSpec {
  /** Unique in the runbook. */
  readonly id: string
  /** Name of a check that incbot knows. */
  readonly check: string
  /** Already parsed by that check's schema. */
  readonly parameters: unknown
  readonly timeoutMs: number
}

/** A remediation offered when one of the hypotheses in `when` leads with at least `minimumConfidence`. */
export interface RemediationSpec {
  readonly kind: string
  readonly when: readonly string[]
  readonly minimumConfidence: number
  /** Hypotheses whose cause it removes. Of all others it only relieves, whatever the checks say afterwards. */
  readonly fixes: readonly string[]
  /** Already parsed by that remediation's schema. */
  readonly parameters: unknown
}

export interface RunbookMatch {
  /** Names of catalogued services; empty means any. */
  readonly services: readonly string[]
  /** Regular expression (no flags) on the incident's title. */
  readonly title?: string
  readonly urgency?: 'high' | 'low'
  /** Alert label or detail → regular expression. Decided after the alerts were fetched; unknown without a token. */
  readonly labels: Readonly<Record<string, string>>
}

export interface Runbook {
  readonly name: string
  readonly title: string
  readonly file: string
  readonly match: RunbookMatch
  readonly checks: readonly CheckSpec[]
  readonly hypotheses: readonly HypothesisSpec[]
  readonly remediations: readonly RemediationSpec[]
  /** How long after a remediation the same checks run again. */
  readonly verifyAfterMs: number
  /** And once more, later: what holds for two minutes need not hold for half an hour. */
  readonly verifyAgainAfterMs: number
}
