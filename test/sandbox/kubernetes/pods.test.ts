import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { KubeObject, KubernetesStandIn } from '../../../src/sandbox/kubernetes/index.ts'
import {
  aDeployment,
  aNode,
  call,
  conditionOf,
  isReady,
  see,
  settled,
  sleep,
  startCluster,
  stopClusters,
  until,
} from './cluster.ts'

describe('pods and their nodes', () => {
  let cluster: KubernetesStandIn
  beforeEach(async () => {
    cluster = await startCluster()
  })
  afterEach(stopClusters)

  const pods = () => cluster.list('Pod', 'default').map(see)
  const onNode = (name: string) => pods().filter(({ spec }) => spec.nodeName === name)
  const web = async (spec: Parameters<typeof aDeployment>[1] = {}): Promise<void> => {
    cluster.apply(aDeployment('web', spec))
    await settled(cluster, 'Deployment', 'web')
  }
  const nameOf = (pod: KubeObject | undefined): string => pod?.metadata.name ?? ''

  it('fills nodes by requested memory, in the order of their names', async () => {
    cluster.apply(aNode('node-b', '4Gi'))
    cluster.apply(aNode('node-a', '2500Mi'))
    await web({ replicas: 4, memory: '1Gi' })
    expect([onNode('node-a').length, onNode('node-b').length]).toEqual([2, 2])
  })

  it('counts allocatable, not capacity, where a node says both', async () => {
    const status = { capacity: { cpu: '8', memory: '8Gi' }, allocatable: { cpu: '8', memory: '1Gi' } }
    cluster.apply({ ...aNode(), status })
    cluster.apply(aDeployment('web', { replicas: 2, memory: '1Gi' }))
    await until(pods, (list) => list.filter(isReady).length === 1 && list.length === 2)
    await sleep(40)
    expect(onNode('node-a')).toHaveLength(1)
  })

  it('leaves a pod pending with the reason, until there is room', async () => {
    cluster.apply(aNode('node-a', '1Gi'))
    cluster.apply(aDeployment('web', { replicas: 1, memory: '2Gi' }))
    await until(pods, ([pod]) => conditionOf(pod, 'PodScheduled')?.status === 'False')
    expect(pods()[0]?.status.phase).toBe('Pending')
    expect(conditionOf(pods()[0], 'PodScheduled')).toMatchObject({
      reason: 'Unschedulable',
      message: '0/1 nodes are available: 1 Insufficient memory.',
    })
    cluster.apply(aNode('node-b', '4Gi'))
    await settled(cluster, 'Deployment', 'web')
    expect(onNode('node-b')).toHaveLength(1)
  })

  it('restarts a killed container in place, with its last termination and one more restart', async () => {
    cluster.apply(aNode())
    await web({ replicas: 1 })
    const running: string[] = []
    cluster.onPodRunning((pod) => void running.push(nameOf(pod)))
    const [pod] = pods()
    cluster.killPod('default', nameOf(pod), { reason: 'OOMKilled', exitCode: 137 })
    expect(isReady(pods()[0] as KubeObject)).toBe(false)
    await until(
      () => running,
      (list) => list.length === 1,
    )
    const [after] = pods()
    expect(after?.metadata.uid).toBe(pod?.metadata.uid)
    expect(after?.status.containerStatuses).toMatchObject([
      {
        name: 'server',
        ready: true,
        restartCount: 1,
        lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
      },
      { name: 'sidecar', ready: true, restartCount: 0, lastState: {} },
    ])
    await settled(cluster, 'Deployment', 'web')
  })

  it('says plainly that what does not run cannot be killed', async () => {
    cluster.apply(aDeployment('web', { replicas: 1 }))
    await until(pods, (list) => list.length === 1)
    const kill = () => cluster.killPod('default', nameOf(pods()[0]), { reason: 'Error', exitCode: 1 })
    expect(kill).toThrow('is not running')
  })

  it('shows a deleted pod as terminating until its node has stopped it', async () => {
    await cluster.stop()
    cluster = await startCluster({ podStopMs: 80 })
    cluster.apply(aNode())
    await web({ replicas: 1 })
    const [pod] = pods()
    const path = `/api/v1/namespaces/default/pods/${nameOf(pod)}`
    const { status, body } = await call(cluster, 'DELETE', path)
    expect(status).toBe(200)
    expect(body.metadata).toMatchObject({ deletionGracePeriodSeconds: 30, deletionTimestamp: expect.any(String) })
    await sleep(30)
    expect(cluster.get('Pod', 'default', nameOf(pod))).toBeDefined()
    await until(
      () => cluster.get('Pod', 'default', nameOf(pod)),
      (found) => found === undefined,
    )
  })

  it('removes a pod at once when its grace period is zero', async () => {
    cluster.apply(aNode())
    await web({ replicas: 1 })
    const path = `/api/v1/namespaces/default/pods/${nameOf(pods()[0])}`
    const { body } = await call(cluster, 'DELETE', path, { body: { gracePeriodSeconds: 0 } })
    expect(body).toMatchObject({ kind: 'Status', status: 'Success' })
    expect((await call(cluster, 'GET', path)).status).toBe(404)
  })

  it('marks pods of a node that is no longer ready, and schedules nothing there', async () => {
    cluster.apply(aNode('node-a'))
    await web({ replicas: 1 })
    const down = { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }] }
    cluster.apply({ ...aNode('node-a'), status: { ...see(cluster.get('Node', undefined, 'node-a')).status, ...down } })
    await until(pods, ([pod]) => pod !== undefined && !isReady(pod))
    cluster.remove('Pod', 'default', nameOf(pods()[0]))
    await until(pods, (list) => list.length === 2)
    await sleep(40)
    expect(pods().filter(({ metadata }) => metadata.deletionTimestamp !== undefined)).toHaveLength(1)
    expect(pods().filter(({ status }) => status.phase === 'Pending')).toHaveLength(1)
  })

  it('moves pods from a node that is removed', async () => {
    cluster.apply(aNode('node-a'))
    await web({ replicas: 2 })
    cluster.apply(aNode('node-b'))
    cluster.remove('Node', undefined, 'node-a')
    const moved = await until(
      () => onNode('node-b'),
      (list) => list.length === 2,
    )
    await settled(cluster, 'Deployment', 'web')
    expect(moved.map(nameOf)).toEqual(onNode('node-b').map(nameOf))
  })

  describe('evicting', () => {
    const evict = (name: string, deleteOptions = {}) => {
      const body = {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace: 'default' },
        deleteOptions,
      }
      return call(cluster, 'POST', `/api/v1/namespaces/default/pods/${name}/eviction`, { body })
    }
    const budget = (spec: Record<string, unknown>) =>
      cluster.apply({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'web', namespace: 'default' },
        spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
      })
    const allowed = () => see(cluster.get('PodDisruptionBudget', 'default', 'web')).status.disruptionsAllowed

    it.each([{ maxUnavailable: 1 }, { minAvailable: 2 }, { maxUnavailable: '30%' }])(
      'allows one of three pods under %j, then answers 429 with its cause',
      async (spec) => {
        cluster.apply(aNode())
        await web()
        budget(spec)
        await until(allowed, (count) => count === 1)
        const [first, second] = pods()
        expect((await evict(nameOf(first))).status).toBe(201)
        const refused = await evict(nameOf(second))
        expect(refused.status).toBe(429)
        expect(refused.body).toMatchObject({
          reason: 'TooManyRequests',
          details: {
            causes: [{ reason: 'DisruptionBudget', message: expect.stringContaining('needs 2 healthy pods') }],
          },
        })
        await until(allowed, (count) => count === 1)
        expect((await evict(nameOf(second))).status).toBe(201)
      },
    )

    it('evicts nothing and uses up nothing in a dry run', async () => {
      cluster.apply(aNode())
      await web()
      budget({ maxUnavailable: 1 })
      await until(allowed, (count) => count === 1)
      for (const pod of pods()) expect((await evict(nameOf(pod), { dryRun: ['All'] })).status).toBe(201)
      expect(pods().every(({ metadata }) => metadata.deletionTimestamp === undefined)).toBe(true)
    })
  })
})
