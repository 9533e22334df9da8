import { describe, expect, it } from '@jest/globals'
import { memoryTrend } from '../../src/checks/memory-trend.ts'
import type { ClusterSource } from '../../src/datasources/datasource.ts'
import { SourceError } from '../../src/datasources/datasource.ts'
import type { Chart } from '../../src/domain/chart.ts'
import { NOW } from '../builders.ts'
import type { ContextParts, Replica } from './a-context.ts'
import { aContext, aNodeWith, answer, aPod, aWatchedService, GB, HOUR_MS, unrest } from './a-context.ts'

async function chartOf(parts: ContextParts): Promise<Chart> {
  const { charts } = await memoryTrend.run(aContext(parts), memoryTrend.parameters.parse({}))
  if (charts[0] === undefined) throw new Error('memory-trend draws a chart.')
  return charts[0]
}

const level: Replica = { name: 'p-0', bytes: (at) => 4 * GB + unrest(at) }
const nodes = [aNodeWith('small', { allocatableBytes: 5.5 * GB, daemonSetRequestedBytes: 0.2 * GB }), aNodeWith('big')]
const on = (node: string | undefined): Partial<ClusterSource> => ({
  pods: async () => answer([aPod('p-1', { node: 'small' }), aPod('p-0', { node })]),
  nodes: async (names) => answer(nodes.filter(({ name }) => names.includes(name))),
})

describe('the chart of memory', () => {
  it('shows what the node can give where that ends before the limit', async () => {
    const chart = await chartOf({ replicas: [level], cluster: on('small') })
    expect(chart.thresholds).toEqual([
      { label: 'limit 32 GB', value: 32 * GB },
      { label: 'allocatable 5.3 GB', value: 5.3 * GB },
    ])
    expect(chart.altText).toMatch(/; limit 32 GB, allocatable 5\.3 GB\.$/)
  })

  it.each<[string, ContextParts]>([
    ['a node with more than the limit', { cluster: on('big') }],
    ['a node that is gone', { cluster: on('gone') }],
    ['a pod without a node', { cluster: on(undefined) }],
    ['a replica that is no pod', { cluster: { ...on('small'), pods: async () => answer([]) } }],
    ['no cluster', {}],
    ['no workload', { service: aWatchedService({ workloads: [] }) }],
    ['nodes that may not be read', { cluster: { ...on('small'), nodes: refused } }],
    ['a cluster that hangs', { cluster: { pods: () => new Promise(() => undefined) } }],
  ])('shows the limit alone with %s', async (_, parts) => {
    const chart = await chartOf({ replicas: [level], ...parts })
    expect(chart.thresholds).toEqual([{ label: 'limit 32 GB', value: 32 * GB }])
  })

  it('calls replicas pods only where they are', async () => {
    expect((await chartOf({ replicas: [level] })).linesAre).toBe('pods')
    const { metrics, ...rest } = aWatchedService()
    const byInstance = metrics && { ...rest, metrics: { ...metrics, replicaLabel: 'instance' } }
    const series = { labels: { instance: 'a:80' }, points: minutes().map((at) => [at, 4 * GB + unrest(at)] as const) }
    const chart = await chartOf({
      ...(byInstance && { service: byInstance }),
      metrics: {
        instant: async () => answer([{ labels: series.labels, value: 4 * GB }]),
        range: async (query) => answer(query.includes('memory') ? [series] : []),
      },
    })
    expect(chart.lines.map(({ name }) => name)).toEqual(['a:80'])
    expect(chart.linesAre).toBeUndefined()
  })

  it('has a gap where a replica was not there, and none where a sample is missing', async () => {
    const away = (at: number) => at > NOW - 3 * HOUR_MS && at < NOW - 2 * HOUR_MS
    const [line] = (await chartOf({ replicas: [{ name: 'p-0', bytes: (at) => (away(at) ? undefined : 4 * GB) }] }))
      .lines
    expect(line?.points.filter(([, value]) => value === undefined)).toHaveLength(1)
    const blip = (at: number) => (at === NOW - HOUR_MS ? undefined : 4 * GB)
    const [whole] = (await chartOf({ replicas: [{ name: 'p-0', bytes: blip }] })).lines
    expect(whole?.points.every(([, value]) => value !== undefined)).toBe(true)
  })

  it('leaves out restarts of the other replicas', async () => {
    const restart = NOW - 2 * HOUR_MS
    const began = (at: number) => (at < restart ? NOW - 30 * HOUR_MS : restart)
    const other: Replica = { name: 'p-1', bytes: (at) => (at < restart ? 9 : 1) * GB + unrest(at), startedAt: began }
    const alone = await chartOf({ replicas: [other] })
    expect(alone.markers.map(({ kind }) => kind)).toEqual(['restart'])
    const both = await chartOf({ replicas: [{ ...level, startedAt: () => NOW - 30 * HOUR_MS }, other] })
    expect(both.lines.map(({ name }) => name)).toEqual(['p-0', 'p-1'])
    expect(both.markers).toEqual([])
  })
})

function minutes(): readonly number[] {
  return Array.from({ length: 361 }, (_, i) => NOW - (360 - i) * 60_000)
}

async function refused(): Promise<never> {
  throw new SourceError('forbidden', 'prod', 'Not allowed.')
}
