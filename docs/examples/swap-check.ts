// A check: one question, answered with numbers. Its place is src/checks/swap.ts, plus one line in src/checks/index.ts.
import { z } from 'zod'
import { metricsOf } from '../../src/checks/ask-metrics.ts'
import { defineCheck } from '../../src/checks/check.ts'
import { SourceError } from '../../src/datasources/datasource.ts'
import { expand } from '../../src/domain/promql.ts'
import { formatBytes } from '../../src/domain/units.ts'

/** Whether a replica has been swapped out: it is slow long before it is killed. */
export const swap = defineCheck({
  name: 'swap',
  title: 'Swap',
  parameters: z.strictObject({
    aboveMegabytes: z.number().nonnegative().default(100).meta({ description: 'From this much on it is a problem.' }),
  }),
  // What runbooks may weigh (`swap: { swapping: 4, none: 0.5 }`) and quote (`{swap.bytes}`).
  signals: { swap: ['swapping', 'none'] },
  facts: ['bytes', 'replica'],
  async run({ service, now, sources, signal }, { aboveMegabytes }) {
    const metrics = metricsOf(service)
    const query = `topk(1, max by (${metrics.replicaLabel}) (${expand('container_memory_swap{$selector}', metrics)}))`
    const { value } = await sources.metrics().instant(query, now, signal)
    const [most] = value
    // Not to know is an answer: a `SourceError` becomes an `unknown` finding with this cause and text.
    if (most === undefined)
      throw new SourceError(
        'missing',
        metrics.source,
        `${metrics.source} has no container_memory_swap for ${service.name}.`,
      )
    const replica = most.labels[metrics.replicaLabel] ?? 'a replica'
    const swapping = most.value > aboveMegabytes * 1e6
    return {
      verdict: swapping ? 'problem' : 'clear',
      ...(swapping && { severity: 'medium' as const }),
      headline: `${replica} has ${formatBytes(most.value, service.units)} swapped out`,
      details: [],
      facts: [
        { id: 'bytes', label: 'Swapped out', value: most.value, unit: 'bytes' },
        { id: 'replica', label: 'Replica', value: replica, unit: 'text' },
      ],
      signals: { swap: swapping ? 'swapping' : 'none' },
      charts: [],
    }
  },
})
