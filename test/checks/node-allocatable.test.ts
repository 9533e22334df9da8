import { describe, expect, it } from '@jest/globals'
import { nodeAllocatable } from '../../src/checks/node-allocatable.ts'
import type { NodeFacts, PodFacts } from '../../src/datasources/datasource.ts'
import { SourceError } from '../../src/datasources/datasource.ts'
import type { FindingBody } from '../../src/domain/finding.ts'
import type { Replica } from './a-context.ts'
import { aContext, aNodeWith, answer, aPod, aWatchedService, GB } from './a-context.ts'

interface Cluster {
  readonly pods: readonly PodFacts[]
  readonly nodes: readonly NodeFacts[]
  readonly use?: readonly Replica[]
}

const asked: string[][] = []
const run = ({ pods, nodes, use }: Cluster) =>
  nodeAllocatable.run(
    aContext({
      ...(use && { replicas: use }),
      cluster: {
        pods: async () => answer(pods),
        nodes: async (names) => {
          asked.push([...names])
          return answer(nodes.filter(({ name }) => names.includes(name)))
        },
      },
    }),
    {},
  )
const fact = (finding: FindingBody, id: string) => finding.facts.find((one) => one.id === id)?.value
const using = (name: string, bytes: number): Replica => ({ name, bytes: () => bytes })
const GiB = 2 ** 30

describe('node-allocatable', () => {
  it('finds the container limit to bind first on a roomy node', async () => {
    const finding = await run({ pods: [aPod('p-0')], nodes: [aNodeWith('node-a')], use: [using('p-0', 31.2 * GB)] })
    expect(finding).toMatchObject({
      verdict: 'clear',
      headline:
        'node-a has 130 GB to give of 137 GB (5.11 % is reserved) by its node object; the container limit (32 GB) binds first, not the node',
      details: ['Requested on node-a: 45 GB, of which DaemonSets 1 GB; used by inference: 31.2 GB.'],
      signals: { binding: 'container_limit', node: 'roomy' },
    })
    expect(Object.fromEntries(finding.facts.map(({ id, value }) => [id, value]))).toEqual({
      headroom: 85 * GB,
      allocatable: 130 * GB,
      capacity: 137 * GB,
      requested: 45 * GB,
      used: 31.2 * GB,
      node: 'node-a',
      binding: 'container limit',
      bindingBytes: 32 * GB,
    })
  })

  it('finds the node to bind first where a pod may use more than the node can give', async () => {
    // 8 GB by its label, 7.0 GiB visible, 5.3 GiB for containers.
    const node = aNodeWith('highcpu', {
      capacityBytes: 7 * GiB,
      allocatableBytes: 5.3 * GiB,
      requestedBytes: 0.3 * GiB,
      daemonSetRequestedBytes: 0.3 * GiB,
    })
    const pod = aPod('p-0', { node: 'highcpu', memoryLimitBytes: undefined, memoryRequestBytes: undefined })
    const finding = await run({ pods: [pod], nodes: [node], use: [using('p-0', 4.9 * GiB)] })
    expect(finding).toMatchObject({
      verdict: 'problem',
      severity: 'high',
      signals: { binding: 'node_allocatable', node: 'pressed' },
    })
    expect(finding.headline).toMatch(/; the node binds first: 5\.37 GB per pod before it runs out$/)
    expect(fact(finding, 'bindingBytes')).toBeCloseTo(5 * GiB, -3)
  })

  it('says when the limits of several pods add up to more than the node has', async () => {
    const small = { memoryLimitBytes: 40 * GB, memoryRequestBytes: 10 * GB }
    const finding = await run({
      pods: [aPod('p-0', small), aPod('p-1', small)],
      nodes: [aNodeWith('node-a', { allocatableBytes: 64 * GB, requestedBytes: 24 * GB })],
      use: [using('p-0', 20 * GB), using('p-1', 20 * GB)],
    })
    expect(finding.signals).toEqual({ binding: 'node_allocatable', node: 'roomy' })
    expect(finding.details).toContain('Its pods there may use 80 GB by their limits, the node has 60 GB for them.')
    expect(finding.verdict).toBe('clear')
    expect(fact(finding, 'headroom')).toBe(20 * GB)
  })

  it('takes no offence at a node that is fully promised while every pod has what it may use', async () => {
    const finding = await run({ pods: [aPod('p-0')], nodes: [aNodeWith('node-a', { requestedBytes: 128 * GB })] })
    expect(finding).toMatchObject({ verdict: 'clear', signals: { binding: 'container_limit', node: 'pressed' } })
    expect(fact(finding, 'headroom')).toBe(2 * GB)
  })

  it('says so when more is used than there is', async () => {
    const pod = aPod('p-0', { memoryLimitBytes: undefined, memoryRequestBytes: 1 * GB })
    const node = aNodeWith('node-a', { allocatableBytes: 30 * GB, requestedBytes: 11 * GB })
    const finding = await run({ pods: [pod], nodes: [node], use: [using('p-0', 22 * GB)] })
    expect(finding.verdict).toBe('problem')
    expect(fact(finding, 'headroom')).toBe(-2 * GB)
  })

  it('reports the tightest node and what the others have left', async () => {
    const nodes = [
      aNodeWith('node-a', { requestedBytes: 40 * GB }),
      aNodeWith('node-b', { requestedBytes: 90 * GB }),
      aNodeWith('node-c', { requestedBytes: 60 * GB }),
    ]
    const pods = nodes.map(({ name }, i) => aPod(`p-${i}`, { node: name }))
    const finding = await run({ pods, nodes })
    expect(fact(finding, 'node')).toBe('node-b')
    expect(finding.details[1]).toBe('The 2 other nodes have 70 GB or more left.')
    expect(fact(finding, 'used')).toBeUndefined()
    const two = await run({ pods: pods.slice(0, 2), nodes })
    expect(two.details[1]).toBe('The other node, node-a, has 90 GB left.')
  })

  it('looks at the ten nodes on which the service uses most, of however many', async () => {
    const names = Array.from({ length: 25 }, (_, i) => `node-${i}`)
    const pods = names.map((node, i) => aPod(`p-${i}`, { node }))
    const finding = await run({
      pods,
      nodes: names.map((name) => aNodeWith(name)),
      use: pods.map(({ name }, i) => using(name, i * GB)),
    })
    expect(asked.at(-1)).toEqual(names.slice(15).reverse())
    expect(finding.details).toContain('15 further nodes, on which it uses less, were not looked at.')
  })

  it('ignores pods that have ended and metrics that name no pod', async () => {
    const finding = await run({
      pods: [aPod('p-0'), aPod('done', { phase: 'Succeeded', node: 'gone' }), aPod('evicted', { phase: 'Failed' })],
      nodes: [aNodeWith('node-a')],
      use: [using('replica-0', 30 * GB)],
    })
    expect(asked.at(-1)).toEqual(['node-a'])
    expect(fact(finding, 'bindingBytes')).toBe(32 * GB)
    expect(fact(finding, 'used')).toBeUndefined()
  })

  it.each<[string, Cluster]>([
    ['no pods', { pods: [], nodes: [] }],
    ['only pods that wait for a node', { pods: [aPod('p-0', { node: undefined })], nodes: [] }],
    ['nodes that are gone', { pods: [aPod('p-0')], nodes: [] }],
  ])('cannot tell with %s', async (_, cluster) => {
    await expect(run(cluster)).rejects.toMatchObject({ kind: 'missing' })
  })

  it('cannot tell for a service without workloads, nor where the nodes may not be read', async () => {
    const without = nodeAllocatable.run(aContext({ service: aWatchedService({ workloads: [] }) }), {})
    await expect(without).rejects.toMatchObject({ kind: 'not-configured' })
    const forbidden = new SourceError('forbidden', 'prod', 'Not allowed.', { missingPermission: 'get nodes' })
    const denied = nodeAllocatable.run(
      aContext({ cluster: { pods: async () => answer([aPod('p-0')]), nodes: () => Promise.reject(forbidden) } }),
      {},
    )
    await expect(denied).rejects.toMatchObject({ kind: 'forbidden', missingPermission: 'get nodes' })
  })
})
