import type { V1LabelSelector } from '@kubernetes/client-node'

type Labels = Readonly<Record<string, string>>

/** As a query parameter (kubernetes.io/docs/concepts/overview/working-with-objects/labels, set-based requirements). */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: V1LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`)
  const others = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator.toLowerCase()} (${values.join(',')})`
  })
  return [...equal, ...others].join(',')
}

/** Whether an object's selector takes these labels: an empty selector takes everything, none at all nothing. */
export function selects(selector: V1LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false
  const { matchLabels = {}, matchExpressions = [] } = selector
  return (
    Object.entries(matchLabels).every(([key, value]) => labelOf(labels, key) === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => meets(labelOf(labels, key), operator, values))
  )
}

/** One requirement of a label selector or of a node's affinity. An operator that is not known is not met. */
export function meets(value: string | undefined, operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return compares(value, values, (a, b) => a > b)
    case 'Lt':
      return compares(value, values, (a, b) => a < b)
    default:
      return false
  }
}

/** Gt and Lt compare whole numbers; anything else does not compare. */
function compares(
  value: string | undefined,
  [bound, ...more]: readonly string[],
  holds: (a: number, b: number) => boolean,
): boolean {
  if (value === undefined || bound === undefined || more.length > 0) return false
  return [value, bound].every((text) => /^-?\d+$/.test(text)) && holds(Number(value), Number(bound))
}

function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}
