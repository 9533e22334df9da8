import { executionError, PromqlError } from '../promql/errors.ts'
import { compileRegex } from '../promql/re2.ts'
import { labelValue, withLabel } from './labels.ts'
import type { SeriesColumn } from './values.ts'

/** `label_replace`: where `pattern` matches the whole source label, the target becomes the expanded template. */
export function labelReplace(
  series: readonly SeriesColumn[],
  target: string,
  template: string,
  source: string,
  pattern: string,
): SeriesColumn[] {
  const regex = patternOf(pattern)
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(target))
    throw executionError(`invalid destination label name in label_replace(): ${target}`)
  return series.map(({ labels, values }) => {
    const match = regex.exec(labelValue(labels, source))
    return match ? { labels: withLabel(labels, target, expand(template, match)), values } : { labels, values }
  })
}

function patternOf(pattern: string): RegExp {
  try {
    return compileRegex(pattern)
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error
    throw executionError(`invalid regular expression in label_replace(): ${error.message}`)
  }
}

/** Go's template rules: the longest run of word characters after `$` is the name, so `$1x` asks for a group named `1x`. */
function expand(template: string, match: RegExpExecArray): string {
  return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare?: string, braced?: string) => {
    const name = bare ?? braced
    if (name === undefined) return whole.slice(1)
    return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? ''
  })
}
