import type { ByteUnits, Chart } from '../domain/chart.ts'
import { type Finding, formatFact } from '../domain/finding.ts'
import type { Remediation } from '../domain/remediation.ts'
import { compareFindings } from '../domain/verification.ts'

/** A marker so near to one that is there already says the same thing twice. */
const SAME_MS = 120_000
const ALT_TEXT = 1_000

/**
 * The findings with charts that say what changed: the remediation is marked where it happened, and the subtitle has the figures before and
 * after it. Charts whose window does not reach back to it stay as they are.
 */
export function beforeAndAfter(
  before: readonly Finding[],
  after: readonly Finding[],
  remediation: Remediation,
  units: ByteUnits,
): readonly Finding[] {
  const at = remediation.executingSince
  if (at === undefined) return after
  return after.map((finding) => {
    const changes = compareFindings(
      before.filter(({ id }) => id === finding.id),
      [finding],
    ).map((one) => `${one.before.label} ${formatFact(one.before, units)} → ${formatFact(one.after, units)}`)
    return { ...finding, charts: finding.charts.map((chart) => marked(chart, at, remediation, changes.join(', '))) }
  })
}

function marked(chart: Chart, at: number, { plan }: Remediation, changes: string): Chart {
  if (at < chart.from || at > chart.to) return chart
  const title = `${chart.title}: before and after “${plan.button}”`
  const subtitle = changes === '' ? chart.subtitle : changes
  const known = chart.markers.some((marker) => marker.kind === 'restart' && Math.abs(marker.at - at) < SAME_MS)
  return {
    ...chart,
    title,
    subtitle,
    altText: `${title}. ${subtitle}. ${chart.altText}`.slice(0, ALT_TEXT),
    markers: known ? chart.markers : [...chart.markers, { kind: 'restart', at, label: plan.button }],
  }
}
