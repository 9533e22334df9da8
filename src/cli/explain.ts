import type { Diagnosis, RankedHypothesis } from '../domain/diagnosis.ts'
import type { Runbook } from '../domain/runbook.ts'

/** Why each explanation stands where it stands: its prior, and every signal that bore on it. For runbook authors. */
export function explanation(runbook: Runbook, diagnosis: Diagnosis): string {
  return diagnosis.ranked.map((one) => explain(runbook, one)).join('\n\n')
}

function explain(runbook: Runbook, { id, title, confidence, weights }: RankedHypothesis): string {
  const spec = runbook.hypotheses.find((one) => one.id === id)
  const silent = Object.keys(spec?.evidence ?? {}).filter((group) => !weights.some((weight) => weight.group === group))
  return [
    `${confidence.toFixed(2)}  ${id}: ${title}`,
    `      prior ${spec?.prior ?? '?'}`,
    ...weights.map(({ group, value, ratio }) => `      ${arrow(ratio)} × ${String(ratio).padEnd(5)} ${group}=${value}`),
    ...(silent.length > 0 ? [`      no answer, or one that says nothing here: ${silent.join(', ')}`] : []),
  ].join('\n')
}

function arrow(ratio: number): string {
  return ratio > 1 ? '▲' : ratio < 1 ? '▼' : '·'
}
