import type { Binary, BinaryOperator } from '../promql/ast.ts'
import { executionError } from '../promql/errors.ts'
import { type Labels, labelValue, onlyLabels, withLabel, withoutLabels, withoutName } from './labels.ts'
import { groupByMatch, matchLabels } from './match-key.ts'
import { combine, isComparison } from './operators.ts'
import type { SeriesColumn } from './values.ts'

type Pairing = Pick<Binary, 'matching' | 'returnsBool'> & {
  readonly operator: Exclude<BinaryOperator, 'and' | 'or' | 'unless'>
}

/**
 * Pairs two vectors by their labels and combines each pair
 * (https://prometheus.io/docs/prometheus/latest/querying/operators/#vector-matching).
 * Throws `PromqlError` where a partner is not unique at some step.
 */
export function matchVectors(
  pairing: Pairing,
  left: readonly SeriesColumn[],
  right: readonly SeriesColumn[],
): SeriesColumn[] {
  const { matching } = pairing
  const keyLabels = matchLabels(matching)
  const swapped = matching?.group === 'right'
  const many = swapped ? right : left
  const ones = groupByMatch(swapped ? left : right, keyLabels)
  const pairs: SeriesColumn[] = []
  for (const [key, group] of groupByMatch(many, keyLabels)) {
    const partners = ones.get(key) ?? []
    const results = group.flatMap((series) => partners.map((partner) => combinePair(pairing, series, partner, swapped)))
    if (matching?.group === undefined)
      refuseSeveral(results, 'many-to-one matching must be explicit (group_left/group_right)')
    pairs.push(...results)
  }
  const bothHaveSamples = (step: number): boolean =>
    left.some(({ values }) => values[step] !== undefined) && right.some(({ values }) => values[step] !== undefined)
  for (const partners of ones.values())
    refuseSeveral(
      partners,
      `many-to-many matching not allowed: matching labels must be unique on one side`,
      bothHaveSamples,
    )
  return pairs
}

/** Throws when two of the series have a value at the same step. */
function refuseSeveral(
  series: readonly SeriesColumn[],
  problem: string,
  counts: (step: number) => boolean = () => true,
): void {
  if (series.length < 2) return
  const taken = new Set<number>()
  for (const { values } of series) {
    for (const [step, value] of values.entries()) {
      if (value === undefined || !counts(step)) continue
      if (taken.has(step)) throw executionError(`found duplicate series for the match group: ${problem}`)
      taken.add(step)
    }
  }
}

function combinePair(pairing: Pairing, many: SeriesColumn, one: SeriesColumn, swapped: boolean): SeriesColumn {
  const { operator, returnsBool } = pairing
  const values = many.values.map((manyValue, step) => {
    const oneValue = one.values[step]
    if (manyValue === undefined || oneValue === undefined) return undefined
    const left = swapped ? oneValue : manyValue
    return combine(operator, left, swapped ? manyValue : oneValue, returnsBool, left)
  })
  return { labels: pairLabels(pairing, many.labels, one.labels), values }
}

function pairLabels({ matching, operator, returnsBool }: Pairing, many: Labels, one: Labels): Labels {
  const names = new Set(matching?.labels)
  let labels = isComparison(operator) && !returnsBool ? many : withoutName(many)
  if (matching?.group === undefined && matching)
    labels = matching.on ? onlyLabels(labels, names) : withoutLabels(labels, names)
  for (const name of matching?.include ?? []) labels = withLabel(labels, name, labelValue(one, name))
  return labels
}
