import type { RankedHypothesis, Weight } from '../domain/diagnosis.ts'
import type { Finding } from '../domain/finding.ts'
import type { HypothesisSpec } from '../domain/runbook.ts'

/** No finite set of checks makes anything certain, either way. */
const CLAMP = { low: 0.03, high: 0.97 } as const

/**
 * Hypotheses by how well the findings fit them, best first; ties by prior, then id.
 *
 * Bayes in log-odds: logit(prior) + Σ ln(likelihood ratio), one ratio per evidence group so that two checks that see the same thing
 * do not count twice. A group that no check answered counts nothing. The ratios are judgements until they are fitted on resolved
 * incidents, hence "confidence", not "probability".
 */
export function rank(hypotheses: readonly HypothesisSpec[], findings: readonly Finding[]): readonly RankedHypothesis[] {
  const signals = collectSignals(findings)
  const priors = new Map(hypotheses.map((one) => [one.id, one.prior]))
  return hypotheses
    .map((hypothesis) => weigh(hypothesis, signals))
    .sort(
      (a, b) =>
        b.confidence - a.confidence || (priors.get(b.id) ?? 0) - (priors.get(a.id) ?? 0) || a.id.localeCompare(b.id),
    )
}

/** Evidence group → value over all findings that answered; the first finding that names a group decides. */
function collectSignals(findings: readonly Finding[]): ReadonlyMap<string, string> {
  const signals = new Map<string, string>()
  for (const finding of findings) {
    if (finding.verdict === 'unknown') continue
    for (const [group, value] of Object.entries(finding.signals)) {
      if (!signals.has(group)) signals.set(group, value)
    }
  }
  return signals
}

function weigh(hypothesis: HypothesisSpec, signals: ReadonlyMap<string, string>): RankedHypothesis {
  const weights: Weight[] = []
  for (const [group, ratios] of Object.entries(hypothesis.evidence)) {
    const value = signals.get(group)
    const ratio = value === undefined ? undefined : ratios[value]
    if (value !== undefined && ratio !== undefined) weights.push({ group, value, ratio })
  }
  const score = logit(hypothesis.prior) + weights.reduce((sum, weight) => sum + Math.log(weight.ratio), 0)
  const confidence = Math.min(CLAMP.high, Math.max(CLAMP.low, 1 / (1 + Math.exp(-score))))
  return { id: hypothesis.id, title: hypothesis.title, confidence, weights }
}

function logit(p: number): number {
  return Math.log(p / (1 - p))
}
