import type { RankedHypothesis, Weight } from '../domain/diagnosis.ts'
import type { Finding } from '../domain/finding.ts'
import type { HypothesisSpec } from '../domain/runbook.ts'

/** No finite set of checks makes anything certain, either way. */
const CLAMP = { low: 0.03, high: 0.97 } as const

/**
 * Hypotheses by how well the findings fit them, best first, also among those whose confidence is clamped to the same; ties by prior, then id.
 *
 * Bayes in log-odds: logit(prior) + Σ ln(likelihood ratio), one ratio per evidence group so that two checks that see the same thing
 * do not count twice. A group that no check answered counts nothing. The ratios are judgements until they are fitted on resolved
 * incidents, hence "confidence", not "probability".
 */
export function rank(hypotheses: readonly HypothesisSpec[], findings: readonly Finding[]): readonly RankedHypothesis[] {
  const signals = collectSignals(findings)
  return hypotheses
    .map((hypothesis) => ({ hypothesis, ...weigh(hypothesis, signals) }))
    .sort(
      (a, b) =>
        b.score - a.score || b.hypothesis.prior - a.hypothesis.prior || (a.hypothesis.id < b.hypothesis.id ? -1 : 1),
    )
    .map(({ hypothesis: { id, title }, score, weights }) => ({ id, title, confidence: confidenceOf(score), weights }))
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

function weigh(
  { prior, evidence }: HypothesisSpec,
  signals: ReadonlyMap<string, string>,
): { readonly score: number; readonly weights: readonly Weight[] } {
  const weights: Weight[] = []
  for (const [group, ratios] of Object.entries(evidence)) {
    const value = signals.get(group)
    const ratio = value !== undefined && Object.hasOwn(ratios, value) ? ratios[value] : undefined
    if (value !== undefined && ratio !== undefined) weights.push({ group, value, ratio })
  }
  return { score: logit(prior) + weights.reduce((sum, weight) => sum + Math.log(weight.ratio), 0), weights }
}

function confidenceOf(score: number): number {
  return Math.min(CLAMP.high, Math.max(CLAMP.low, 1 / (1 + Math.exp(-score))))
}

function logit(p: number): number {
  return Math.log(p / (1 - p))
}
