import { describe, expect, it } from '@jest/globals'
import { nodeAllocatable } from '../../src/checks/node-allocatable.ts'
import type { ClusterSource, MetricsSource } from '../../src/datasources/datasource.ts'
import { SourceError } from '../../src/datasources/datasource.ts'
import type { ContextParts } from './a-context.ts'
import { aContext, aNodeWith, answer, aPod, aWatchedService, GB } from './a-context.ts'
import { runCheck, written } from './run-check.ts'

const GiB = 2 ** 30
/** What the kernel sees of an n1-highcpu-8, which has 7.2 GiB by its label. */
const VISIBLE = 7 * GiB

const managed = aWatchedService({ workloads: [], memoryLimit: { from: 'fixed', bytes: 32 * GB }, units: 'binary' })
const machineMemory = 'node_memory_MemTotal_bytes{$selector}'

/** Memory by replica, and single figures by the metric's name. */
function metricsWith(used: Readonly<Record<string, number>>, figures: Readonly<Record<string, number>>): MetricsSource {
  return {
    async instant(query) {
      const samples = Object.entries(used).map(([pod, value]) => ({ labels: { pod }, value }))
      if (query.startsWith('max by (pod)')) return answer(samples, query)
      const figure = Object.entries(figures).find(([name]) => query.includes(name))
      return answer(figure === undefined ? [] : [{ labels: {}, value: figure[1] }], query)
    },
    range: async (query) => answer([], query),
  }
}

const run = (parts: ContextParts, parameters: object = { machineMemory }) =>
  runCheck(nodeAllocatable, aContext(parts), parameters)

describe('node-allocatable without node objects', () => {
  const metrics = metricsWith({ a: 3 * GiB, b: 5.2 * GiB }, { MemTotal: VISIBLE })

  it('goes by the formula of GKE, and says so', async () => {
    const finding = await run({ service: managed, metrics })
    expect(finding).toMatchObject({
      verdict: 'problem',
      severity: 'high',
      headline:
        'A node has 5.3 GiB to give of 7 GiB by GKE’s formula, not by a node object; the node binds first: 5.3 GiB per pod before it runs out',
      details: [
        'There is no node object to read: inference has no `workloads` in incbot.yaml.',
        'What DaemonSets request on a node is not known and not subtracted.',
        'Used by inference on its fullest node: 5.2 GiB.',
      ],
      signals: { binding: 'node_allocatable', node: 'pressed' },
    })
    expect(written(finding, 'binary')).toEqual({
      ...{ headroom: '105 MiB', allocatable: '5.3 GiB', capacity: '7 GiB', used: '5.2 GiB' },
      ...{ binding: 'node', bindingBytes: '5.3 GiB' },
    })
  })

  it('subtracts what DaemonSets request', async () => {
    const known = metricsWith({ a: 3 * GiB }, { MemTotal: VISIBLE, daemonset_requests: 0.5 * GiB })
    const finding = await run({ service: managed, metrics: known }, { machineMemory, daemonSets: 'daemonset_requests' })
    expect(finding.verdict).toBe('clear')
    expect(finding.details[1]).toBe('DaemonSets request 512 MiB of it.')
    expect(finding.headline).toMatch(/; the node binds first: 4\.8 GiB per pod before it runs out$/)
    expect(written(finding, 'binary')).toMatchObject({ allocatable: '5.3 GiB', bindingBytes: '4.8 GiB' })
  })

  it('prefers what metrics say over the formula', async () => {
    const known = metricsWith({ a: 3 * GiB }, { MemTotal: VISIBLE, node_allocatable: 6 * GiB })
    const finding = await run({ service: managed, metrics: known }, { machineMemory, allocatable: 'node_allocatable' })
    expect(finding.headline).toMatch(/^A node has 6 GiB to give of 7 GiB by metrics, not by a node object;/)
  })

  it('lets the container limit bind where it is lower', async () => {
    const small = { ...managed, memoryLimit: { from: 'fixed', bytes: 4 * GiB } } as const
    const finding = await run({ service: small, metrics })
    expect(finding.signals.binding).toBe('container_limit')
    expect(finding.headline).toMatch(/; the container limit \(4 GiB\) binds first, not the node$/)
    expect(finding.verdict).toBe('clear')
  })

  it('says nothing of what is left where use is unknown', async () => {
    const finding = await run({ service: managed, metrics: metricsWith({}, { MemTotal: VISIBLE }) })
    expect(finding.signals).toEqual({ binding: 'node_allocatable' })
    expect(Object.keys(written(finding))).toEqual(['allocatable', 'capacity', 'binding', 'bindingBytes'])
  })

  const pods = [
    aPod('a', { memoryLimitBytes: 8 * GiB }),
    aPod('b', { memoryLimitBytes: 8 * GiB }),
    aPod('c', { node: 'n' }),
  ]
  const cluster: Partial<ClusterSource> = {
    pods: async () => answer(pods),
    nodes: refusing('forbidden'),
  }

  it('shares a node between the pods on it', async () => {
    const finding = await run({ metrics, cluster })
    expect(finding.details).toEqual([
      'There is no node object to read: The cluster said forbidden.',
      'What DaemonSets request on a node is not known and not subtracted.',
      'Used by inference on its fullest node: 8.8 GB.',
      'Its fullest node runs 2 pods of it.',
    ])
    expect(written(finding, 'binary')).toMatchObject({ bindingBytes: '2.65 GiB', used: '8.2 GiB' })
  })

  it.each<[string, ContextParts]>([
    ['nodes may not be read', { cluster }],
    ['nodes are gone', { cluster: { ...cluster, nodes: refusing('missing') } }],
    ['no pod is on a node', { cluster: { pods: async () => answer([aPod('a', { node: undefined })]) } }],
    ['the cluster is not configured', {}],
  ])('is used where %s', async (_, parts) => {
    expect((await run({ metrics, ...parts })).headline).toMatch(/by GKE’s formula/)
  })

  it.each(['timeout', 'unreachable', 'unauthorized'] as const)(
    'is no excuse for a cluster that says %s',
    async (kind) => {
      await expect(run({ metrics, cluster: { ...cluster, nodes: refusing(kind) } })).rejects.toMatchObject({ kind })
    },
  )

  it('is not needed where there are node objects', async () => {
    const seen: Partial<ClusterSource> = { ...cluster, nodes: async () => answer([aNodeWith('node-a')]) }
    expect((await run({ metrics, cluster: seen })).headline).toMatch(/^node-a has .+ by its node object; /)
  })

  it('cannot tell where metrics do not know either', async () => {
    await expect(run({ service: managed, metrics: metricsWith({}, {}) })).rejects.toMatchObject({
      kind: 'missing',
      message: 'inference has no `workloads` in incbot.yaml. metrics does not say either what a node has.',
    })
  })

  it('keeps the cause where no parameter stands in', async () => {
    await expect(run({ metrics, cluster }, {})).rejects.toMatchObject({ kind: 'forbidden' })
  })
})

function refusing(kind: SourceError['kind']) {
  return async (): Promise<never> => {
    throw new SourceError(kind, 'prod', `The cluster said ${kind}.`)
  }
}
