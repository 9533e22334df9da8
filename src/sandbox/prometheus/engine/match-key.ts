import type { VectorMatching } from '../promql/ast.ts'
import { type Labels, labelsKey, metricName, onlyLabels, withoutLabels } from './labels.ts'
import type { SeriesColumn } from './values.ts'

/** The labels by which two sides pair up: those of `on`, or all but the name and those of `ignoring`. */
export function matchLabels(matching: VectorMatching | undefined): (labels: Labels) => Labels {
  const names = new Set(matching?.labels)
  if (matching?.on) return (labels) => onlyLabels(labels, names)
  names.add(metricName)
  return (labels) => withoutLabels(labels, names)
}

export function groupByMatch(
  series: readonly SeriesColumn[],
  keyLabels: (labels: Labels) => Labels,
): Map<string, SeriesColumn[]> {
  const groups = new Map<string, SeriesColumn[]>()
  for (const one of series) {
    const key = labelsKey(keyLabels(one.labels))
    const group = groups.get(key)
    if (group) group.push(one)
    else groups.set(key, [one])
  }
  return groups
}
