import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Workload } from '../../src/domain/service.ts'
import type { ClusterObserver } from '../../src/remediations/cluster.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { aBudget, aDeployment, aNode, anAutoscaler, see, stopClusters, until } from '../sandbox/kubernetes/cluster.ts'
import { aWorkload, inTime, observerOf, removeKubeconfigs } from './accounts.ts'
import { AGENT, DB, startSmallCluster, WEB } from './small-cluster.ts'

const MiB = 2 ** 20
let cluster: KubernetesStandIn
let observer: ClusterObserver
beforeEach(async () => {
  cluster = await startSmallCluster()
  observer = observerOf(cluster)
})
afterEach(async () => {
  removeKubeconfigs()
  await stopClusters()
})

describe('pods', () => {
  it.each<[Workload, RegExp, number]>([
    [WEB, /^web-/, 3],
    [DB, /^db-[012]$/, 3],
    [AGENT, /^agent-/, 1],
  ])('of a $kind are seen with what an ordered restart needs', async (workload, name, count) => {
    const pods = await observer.pods(workload, inTime())
    expect(pods).toHaveLength(count)
    for (const pod of pods)
      expect(pod).toEqual({
        name: expect.stringMatching(name),
        uid: cluster.get('Pod', 'default', pod.name)?.metadata.uid,
        node: 'node-a',
        ready: true,
        restarts: 0,
        startMs: expect.any(Number),
        stopMs: 30_000,
        terminating: false,
      })
  })

  it('tell how long they took from creation to readiness, and that they were killed', async () => {
    const pod = see(cluster.get('Pod', 'default', 'db-1'))
    const createdAt = Date.parse(pod.metadata.creationTimestamp ?? '')
    const conditions = [
      { type: 'Ready', status: 'True', lastTransitionTime: new Date(createdAt + 95_000).toISOString() },
    ]
    cluster.apply({ ...pod, status: { ...pod.status, conditions } })
    const [, second] = await observer.pods(DB, inTime())
    expect(second).toMatchObject({ name: 'db-1', startMs: 95_000 })
    cluster.killPod('default', 'db-1', { reason: 'OOMKilled', exitCode: 137 })
    await until(
      () => see(cluster.get('Pod', 'default', 'db-1')).status.containerStatuses?.[0]?.restartCount,
      (restarts) => restarts === 1,
    )
    const [, again] = await observer.pods(DB, inTime())
    expect(again).toMatchObject({ restarts: 1, ready: true })
  })

  it('of another workload that the selector happens to take are not among them', async () => {
    const { spec, ...object } = aDeployment('canary', { replicas: 1 })
    const { template } = see({ ...object, spec }).spec as { template: { metadata: object } }
    const labels = { app: 'web', track: 'canary' }
    const both = { ...template, metadata: { labels } }
    cluster.apply({
      ...object,
      spec: { ...see({ ...object, spec }).spec, selector: { matchLabels: labels }, template: both },
    })
    await until(
      () => see(cluster.get('Deployment', 'default', 'canary')).status.availableReplicas,
      (available) => available === 1,
    )
    expect(await observer.pods(WEB, inTime())).toHaveLength(3)
    expect(await observer.pods(aWorkload('Deployment', 'canary'), inTime())).toHaveLength(1)
  })
})

describe('disruption budgets', () => {
  it('are those that select the workload’s pods, with what they allow now', async () => {
    cluster.apply(aBudget('web', { maxUnavailable: 1 }, 'web-budget'))
    cluster.apply(aBudget('db', { minAvailable: 3 }))
    await until(
      () => cluster.list('PodDisruptionBudget').map(({ status }) => JSON.stringify(status)),
      (all) => all.every((status) => status.includes('"currentHealthy":3')),
    )
    expect(await observer.budgets(WEB, inTime())).toEqual([
      { name: 'web-budget', disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2 },
    ])
    expect(await observer.budgets(DB, inTime())).toEqual([
      { name: 'db', disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 3 },
    ])
    expect(await observer.budgets(AGENT, inTime())).toEqual([])
  })
})

describe('room', () => {
  it('is counted beside what runs, with the pod’s own request', async () => {
    const room = await observer.room(WEB, 9, inTime())
    // Seven pods of 512 MiB run on it: three each of two workloads, and a daemon.
    expect(room).toEqual({
      fits: 9,
      requestBytes: 512 * MiB,
      requestCpu: 0,
      roomiest: { node: 'node-a', freeBytes: (16 * 1024 - 7 * 512) * MiB, freeCpu: 8 },
      candidates: 1,
      crowded: 0,
    })
  })

  it('is none on nodes that may take no more, and says what is left', async () => {
    const small = aNode('node-b', '300Mi')
    cluster.apply(small)
    await until(
      () => see(cluster.get('Node', undefined, 'node-b')).status.allocatable,
      (allocatable) => allocatable !== undefined,
    )
    const node = see(cluster.get('Node', undefined, 'node-a'))
    cluster.apply({ ...node, spec: { unschedulable: true } })
    expect(await observer.room(WEB, 1, inTime())).toMatchObject({
      fits: 0,
      roomiest: { node: 'node-b', freeBytes: 300 * MiB },
      candidates: 1,
    })
  })

  it('is one pod on each node for pods that keep away from each other', async () => {
    const web = see(cluster.get('Deployment', 'default', 'web'))
    const { template } = web.spec as { template: { spec: object } }
    const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' }
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
    cluster.apply({ ...web, spec: { ...web.spec, template: { ...template, spec: { ...template.spec, affinity } } } })
    const first = see(cluster.get('Node', undefined, 'node-a'))
    cluster.apply({ ...first, metadata: { name: 'node-a', labels: { 'kubernetes.io/hostname': 'node-a' } } })
    for (const name of ['node-b', 'node-c'])
      cluster.apply({ ...aNode(name), metadata: { name, labels: { 'kubernetes.io/hostname': name } } })
    await until(
      () => cluster.list('Node').map(({ status }) => JSON.stringify(status)),
      (all) => all.every((status) => status.includes('"allocatable"')),
    )
    // Its three pods are on the first node.
    expect(await observer.room(WEB, 9, inTime())).toMatchObject({ fits: 2, candidates: 3, crowded: 1 })
  })

  it('does not count what has ended or waits for a node', async () => {
    const pod = (name: string, more: object) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'kube-system' },
      spec: {
        nodeSelector: { pool: 'none' },
        containers: [{ name: 'c', image: 'c:1', resources: { requests: { memory: '8Gi' } } }],
        ...more,
      },
    })
    const before = await observer.room(WEB, 99, inTime())
    cluster.apply({ ...pod('ended', { nodeName: 'node-a' }), status: { phase: 'Succeeded' } })
    cluster.apply(pod('waiting', {}))
    expect(await observer.room(WEB, 99, inTime())).toEqual(before)
    cluster.apply({ ...pod('running', { nodeName: 'node-a' }), status: { phase: 'Running' } })
    expect((await observer.room(WEB, 99, inTime())).fits).toBe(before.fits - 16)
  })

  it('is read in pages', async () => {
    const pods = Array.from({ length: 620 }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `small-${index}`, namespace: 'kube-system' },
      spec: { nodeName: 'far', containers: [{ name: 'c', image: 'c:1', resources: { requests: { memory: '1Mi' } } }] },
      status: { phase: 'Running' },
    }))
    cluster.apply({ ...aNode('far', '900Mi'), status: { capacity: { cpu: '8', memory: '900Mi', pods: '1000' } } })
    for (const pod of pods) cluster.apply(pod)
    const node = see(cluster.get('Node', undefined, 'node-a'))
    cluster.apply({ ...node, spec: { unschedulable: true } })
    expect((await observer.room(WEB, 1, inTime())).roomiest).toMatchObject({ freeBytes: 280 * MiB })
    const asked = cluster.requests.filter(({ path }) => path.startsWith('/api/v1/pods?'))
    expect(asked).toHaveLength(2)
  })
})

describe('an autoscaler', () => {
  it('is the one whose target is the workload', async () => {
    cluster.apply(anAutoscaler('db', { kind: 'StatefulSet', min: 2, max: 7 }))
    const found = await until(
      () => cluster.get('HorizontalPodAutoscaler', 'default', 'db'),
      (autoscaler) => JSON.stringify(autoscaler).includes('"currentReplicas":3'),
    )
    expect(await observer.autoscaler(DB, inTime())).toEqual({
      namespace: 'default',
      name: 'db',
      resourceVersion: found?.metadata.resourceVersion,
      uid: found?.metadata.uid,
      minReplicas: 2,
      maxReplicas: 7,
      currentReplicas: 3,
    })
  })

  it.each<[string, () => void]>([
    ['there is none', () => undefined],
    ['it scales another workload', () => void cluster.apply(anAutoscaler('web'))],
    ['it scales another kind of that name', () => void cluster.apply(anAutoscaler('db', { kind: 'Deployment' }))],
  ])('is none where %s', async (_, arrange) => {
    arrange()
    expect(await observer.autoscaler(DB, inTime())).toBeUndefined()
  })
})
