import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { SourceError } from '../../src/datasources/datasource.ts'
import type { WorkloadKind } from '../../src/domain/service.ts'
import { clusterReader } from '../../src/kubernetes/reader.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import {
  ADMIN,
  aDaemonSet,
  aDeployment,
  aNode,
  aStatefulSet,
  READER,
  settled,
  startCluster,
  stopClusters,
  until,
} from '../sandbox/kubernetes/cluster.ts'
import { aWorkload, inTime, lookerWithout, readerOf, removeKubeconfigs } from './accounts.ts'

const MiB = 2 ** 20
const GiB = 2 ** 30
const without = (resource: string) => lookerWithout(`no-${resource}`, [resource])
const limited = ['nodes', 'pods', 'deployments', 'statefulsets', 'replicasets', 'controllerrevisions'].map(without)

let cluster: KubernetesStandIn
beforeEach(async () => {
  cluster = await startCluster({ users: [ADMIN, READER, ...limited] })
  cluster.apply(aNode('node-a', '16Gi'))
  cluster.apply(aDeployment('web', { replicas: 2 }))
  cluster.apply(aStatefulSet('db', { replicas: 2, serviceName: 'db' }))
  cluster.apply(aDaemonSet('agent', { memory: '100Mi' }))
  await Promise.all([settled(cluster, 'Deployment', 'web'), settled(cluster, 'StatefulSet', 'db')])
  await settled(cluster, 'DaemonSet', 'agent')
})
afterEach(async () => {
  removeKubeconfigs()
  await stopClusters()
})

const failureOf = (question: Promise<unknown>) =>
  question.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('what a cluster says', () => {
  it.each<[WorkloadKind, string, number, number]>([
    ['Deployment', 'web', 2, 512],
    ['StatefulSet', 'db', 2, 512],
    ['DaemonSet', 'agent', 1, 100],
  ])('about a %s', async (kind, name, replicas, requestMiB) => {
    const { value, query, warnings } = await readerOf(cluster).cluster.workload(aWorkload(kind, name), inTime())
    expect(value).toMatchObject({
      uid: cluster.get(kind, 'default', name)?.metadata.uid,
      generation: 1,
      replicas,
      readyReplicas: replicas,
      memoryRequestBytes: requestMiB * MiB,
      memoryLimitBytes: undefined,
    })
    expect(value.revisions).toEqual([{ revision: 1, createdAt: expect.any(Number) }])
    expect([query, warnings]).toEqual([`read ${kind} default/${name}`, []])
  })

  it('about its pods: in order, with restarts and how the last one ended', async () => {
    cluster.killPod('default', 'db-1', { reason: 'OOMKilled', exitCode: 137 })
    await until(
      () => cluster.get('Pod', 'default', 'db-1'),
      (pod) => JSON.stringify(pod).includes('"restartCount":1') && JSON.stringify(pod).includes('"ready":true'),
    )
    const { value } = await readerOf(cluster).cluster.pods(aWorkload('StatefulSet', 'db'), inTime())
    expect(value.map(({ name }) => name)).toEqual(['db-0', 'db-1'])
    expect(value[1]).toMatchObject({
      node: 'node-a',
      phase: 'Running',
      restarts: 1,
      memoryRequestBytes: 512 * MiB,
      lastTermination: { reason: 'OOMKilled', exitCode: 137, at: expect.any(Number) },
    })
    expect(value[0]?.lastTermination).toBeUndefined()
  })

  it('about a container that the service names', async () => {
    const named = { ...aWorkload('StatefulSet', 'db'), container: 'sidecar' }
    const { value } = await readerOf(cluster).cluster.workload(named, inTime())
    expect(value.memoryRequestBytes).toBeUndefined()
  })

  it('about pods chosen by set-based selectors, and by no others', async () => {
    const object = aStatefulSet('picky', { replicas: 1, serviceName: 'picky' })
    const spec = {
      ...(object.spec as object),
      selector: {
        matchExpressions: [
          { key: 'app', operator: 'In', values: ['picky', 'choosy'] },
          { key: 'app', operator: 'Exists' },
          { key: 'legacy', operator: 'DoesNotExist' },
          { key: 'app', operator: 'NotIn', values: ['web'] },
        ],
      },
    }
    cluster.apply({ ...object, spec })
    await settled(cluster, 'StatefulSet', 'picky')
    const { value } = await readerOf(cluster).cluster.pods(aWorkload('StatefulSet', 'picky'), inTime())
    expect(value.map(({ name }) => name)).toEqual(['picky-0'])
  })

  it('about a node: what it has, gives, and has promised', async () => {
    const { value } = await readerOf(cluster).cluster.nodes(['node-a'], inTime())
    expect(value).toEqual([
      {
        name: 'node-a',
        capacityBytes: 16 * GiB,
        allocatableBytes: 16 * GiB,
        requestedBytes: (4 * 512 + 100) * MiB,
        daemonSetRequestedBytes: 100 * MiB,
        unschedulable: false,
      },
    ])
  })
})

const ended = (phase: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `job-${phase.toLowerCase()}`, namespace: 'default' },
  spec: {
    nodeName: 'node-a',
    containers: [{ name: 'job', image: 'job:1', resources: { requests: { memory: '4Gi' } } }],
  },
  status: { phase },
})

it.each(['Succeeded', 'Failed'])('a pod that has %s holds no memory of its node', async (phase) => {
  const asked = async () => (await readerOf(cluster).cluster.nodes(['node-a'], inTime())).value[0]?.requestedBytes
  const before = await asked()
  cluster.apply(ended(phase))
  expect(await asked()).toBe(before)
})

it('a pod counts with what its init containers or its containers ask for, whichever is more', async () => {
  const { spec, ...pod } = ended('Running')
  const init = { name: 'init', image: 'init:1', resources: { requests: { memory: '6Gi' } } }
  const asked = async () => (await readerOf(cluster).cluster.nodes(['node-a'], inTime())).value[0]?.requestedBytes ?? 0
  const before = await asked()
  cluster.apply({ ...pod, spec: { ...spec, initContainers: [init] } })
  expect((await asked()) - before).toBe(6 * GiB)
})

describe('what a cluster does not say', () => {
  it.each<[string, string, (user: string) => Promise<unknown>]>([
    [
      'no-deployments',
      'get deployments in namespace default',
      (user) => readerOf(cluster, user).cluster.workload(aWorkload('Deployment'), inTime()),
    ],
    [
      'no-statefulsets',
      'get statefulsets in namespace default',
      (user) => readerOf(cluster, user).cluster.pods(aWorkload('StatefulSet', 'db'), inTime()),
    ],
    [
      'no-pods',
      'list pods in namespace default',
      (user) => readerOf(cluster, user).cluster.pods(aWorkload('StatefulSet', 'db'), inTime()),
    ],
    ['no-nodes', 'get nodes', (user) => readerOf(cluster, user).cluster.nodes(['node-a'], inTime())],
    ['no-pods', 'list pods in all namespaces', (user) => readerOf(cluster, user).cluster.nodes(['node-a'], inTime())],
    ['reader', 'get nodes', (user) => readerOf(cluster, user).cluster.nodes(['node-a'], inTime())],
  ])('is named when %s lacks the permission to %s', async (user, missingPermission, ask) => {
    const failure = await failureOf(ask(user))
    expect(failure).toBeInstanceOf(SourceError)
    expect(failure).toMatchObject({ kind: 'forbidden', source: 'prod', missingPermission })
  })

  it.each<[WorkloadKind, string, string]>([
    ['Deployment', 'web', 'no-replicasets'],
    ['StatefulSet', 'db', 'no-controllerrevisions'],
  ])('leaves the limit of a %s known when its history may not be read', async (kind, name, user) => {
    const { value, warnings } = await readerOf(cluster, user).cluster.workload(aWorkload(kind, name), inTime())
    expect(value).toMatchObject({ memoryRequestBytes: 512 * MiB, revisions: [] })
    expect(warnings).toEqual([expect.stringMatching(/^the revisions are not known: .*not allowed \(403\)\.$/)])
  })

  it.each<[string, () => Promise<unknown>]>([
    ['a workload', () => readerOf(cluster).cluster.workload(aWorkload('Deployment', 'gone'), inTime())],
    ['a node', () => readerOf(cluster).cluster.nodes(['gone'], inTime())],
  ])('is missing when there is no such thing as %s', async (_, ask) => {
    expect(await failureOf(ask())).toMatchObject({ kind: 'missing', message: expect.stringContaining('not found') })
  })

  it('is missing when a node does not say what it has', async () => {
    cluster.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'mute' }, status: { capacity: { cpu: '4' } } })
    expect(await failureOf(readerOf(cluster).cluster.nodes(['mute'], inTime()))).toMatchObject({
      kind: 'missing',
      message: expect.stringContaining('does not say how much memory'),
    })
  })

  it.each<[string, Parameters<KubernetesStandIn['failNext']>[1], string]>([
    ['hangs', 'hang', 'timeout'],
    ['drops the connection', 'reset', 'unreachable'],
    ['is overloaded', { status: 500, message: 'etcdserver: leader changed' }, 'bad-answer'],
    ['refuses the token', { status: 401, reason: 'Unauthorized' }, 'unauthorized'],
  ])('is told apart when the API server %s', async (_, fault, kind) => {
    cluster.failNext({ path: /deployments/ }, fault, 10)
    const { cluster: source } = readerOf(cluster, 'admin', 300)
    const started = performance.now()
    expect(await failureOf(source.workload(aWorkload('Deployment'), inTime()))).toMatchObject({ kind, source: 'prod' })
    expect(performance.now() - started).toBeLessThan(2_500)
  })

  it("ends with the asker's own time", async () => {
    cluster.failNext({ path: /deployments/ }, 'hang')
    const { cluster: source } = readerOf(cluster, 'admin', 60_000)
    const question = source.workload(aWorkload('Deployment'), AbortSignal.timeout(150))
    expect(await failureOf(question)).toMatchObject({ kind: 'timeout' })
  })

  it('is out of reach without a kubeconfig, and asked again the next time', async () => {
    const source = clusterReader({ cluster: 'prod', kubeconfig: '/nowhere/config', timeoutMs: 300 }, Date.now)
    for (let i = 0; i < 2; i += 1)
      expect(await failureOf(source.probe(inTime()))).toMatchObject({ kind: 'unreachable', source: 'prod' })
  })
})

describe('a connection', () => {
  it('is probed without any permission on objects', async () => {
    await expect(readerOf(cluster, 'no-pods').source.probe(inTime())).resolves.toBeUndefined()
  })

  it('is warmed by a request that anybody may make', async () => {
    const { source } = readerOf(cluster, 'reader')
    await source.warm?.(inTime())
    expect(cluster.requests.at(-1)).toMatchObject({ method: 'GET', path: '/version' })
  })

  it('that fails does not trouble whoever warms it', async () => {
    const { source } = readerOf(cluster, 'reader', 300)
    cluster.failNext({ path: /version/ }, 'hang')
    await expect(source.warm?.(AbortSignal.timeout(100))).resolves.toBeUndefined()
    const nowhere = clusterReader({ cluster: 'prod', kubeconfig: '/nowhere', timeoutMs: 300 }, Date.now)
    await expect(nowhere.warm?.(inTime())).resolves.toBeUndefined()
  })
})
