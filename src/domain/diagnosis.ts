/** How much each evidence group moved a hypothesis; the sum of logs is its score. For `--explain`. */
export interface Weight {
  readonly group: string
  readonly value: string
  readonly ratio: number
}

export interface RankedHypothesis {
  readonly id: string
  readonly title: string
  /** Between 0.03 and 0.97: never certain either way. */
  readonly confidence: number
  readonly weights: readonly Weight[]
}

/** What the findings mean together. Sentences are final text: facts are filled in, nothing from outside is escaped yet. */
export interface Diagnosis {
  /** The leading explanation, when one is likelier than not. */
  readonly leading?: RankedHypothesis
  /** One line: what is going on. Also there when nothing leads. */
  readonly conclusion: string
  readonly says: readonly string[]
  readonly ranked: readonly RankedHypothesis[]
  readonly ruledOut: readonly string[]
  readonly unknown: readonly string[]
  /** Numbers that do not fit each other, and what would reconcile them. */
  readonly contradictions: readonly string[]
  readonly now: readonly string[]
  readonly fix: readonly string[]
  readonly answered: number
  readonly asked: number
}
