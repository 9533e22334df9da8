import type { ServiceMetrics } from './service.ts'

/**
 * An expression of the service with `$selector` filled in, narrowed to some replicas where given. Replica names come from label values,
 * so they are matched literally.
 */
export function expand(expression: string, metrics: ServiceMetrics, replicas: readonly string[] = []): string {
  const narrowed =
    replicas.length === 0
      ? metrics.selector
      : `${metrics.selector},${metrics.replicaLabel}=~${quote(replicas.map(literal).join('|'))}`
  // As a function: in a text, `$&` and its like would be replaced once more.
  return expression.replaceAll('$selector', () => narrowed)
}

/** As PromQL's double-quoted string. */
function quote(text: string): string {
  return `"${text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))}"`
}

function literal(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
