import type { VectorMatching } from '../promql/ast.ts'
import { labelsKey } from './labels.ts'
import { groupByMatch, matchLabels } from './match-key.ts'
import type { SeriesColumn } from './values.ts'

/** `and` keeps the left where the right has a partner, `unless` where it has none, `or` adds the right without partner. */
export function combineSets(
  operator: 'and' | 'or' | 'unless',
  left: readonly SeriesColumn[],
  right: readonly SeriesColumn[],
  matching: VectorMatching | undefined,
): SeriesColumn[] {
  const keyLabels = matchLabels(matching)
  const restrict = (
    kept: readonly SeriesColumn[],
    others: readonly SeriesColumn[],
    wanted: boolean,
  ): SeriesColumn[] => {
    const groups = groupByMatch(others, keyLabels)
    return kept.map(({ labels, values }) => {
      const partners = groups.get(labelsKey(keyLabels(labels))) ?? []
      const hasPartner = (step: number): boolean => partners.some((partner) => partner.values[step] !== undefined)
      return { labels, values: values.map((value, step) => (hasPartner(step) === wanted ? value : undefined)) }
    })
  }
  if (operator === 'or') return [...left, ...restrict(right, left, false)]
  return restrict(left, right, operator === 'and')
}
