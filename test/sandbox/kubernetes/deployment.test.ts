import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { KubeObject, KubernetesStandIn } from '../../../src/sandbox/kubernetes/index.ts'
import {
  aDeployment,
  aNode,
  call,
  conditionOf,
  isReady,
  MERGE,
  restartPatch,
  STRATEGIC,
  see,
  settled,
  sleep,
  startCluster,
  stopClusters,
  until,
} from './cluster.ts'

const WEB = '/apis/apps/v1/namespaces/default/deployments/web'

describe('a deployment', () => {
  let cluster: KubernetesStandIn
  beforeEach(async () => {
    cluster = await startCluster()
    cluster.apply(aNode('node-a', '64Gi'))
  })
  afterEach(stopClusters)

  const pods = (): readonly KubeObject[] => cluster.list('Pod', 'default')
  const sets = () => cluster.list('ReplicaSet', 'default').map(see)
  const web = () => see(cluster.get('Deployment', 'default', 'web'))
  const deploy = async (spec: Parameters<typeof aDeployment>[1] = {}): Promise<void> => {
    cluster.apply(aDeployment('web', spec))
    await settled(cluster, 'Deployment', 'web')
  }
  const patch = (body: unknown, type = STRATEGIC) => call(cluster, 'PATCH', WEB, { body, type })
  const restart = async (value = 'again'): Promise<void> => {
    expect((await patch(restartPatch(value))).status).toBe(200)
  }

  it('reports what it does truthfully in its status', async () => {
    cluster.apply(aDeployment('web'))
    expect(web().status.observedGeneration).toBeUndefined()
    await settled(cluster, 'Deployment', 'web')
    expect(web().status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    })
    expect(conditionOf(web(), 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' })
    expect(conditionOf(web(), 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' })
    expect(web().metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '1' })
  })

  it('replaces every pod on a restart, under a new replica set of the next revision', async () => {
    await deploy()
    const before = pods().map(({ metadata }) => metadata.uid)
    await restart()
    await settled(cluster, 'Deployment', 'web')
    const after = pods().map(({ metadata }) => metadata.uid)
    expect(after.some((uid) => before.includes(uid))).toBe(false)
    expect(sets().map(({ spec }) => spec.replicas)).toEqual(expect.arrayContaining([0, 3]))
    expect(web().metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '2' })
  })

  it('does not observe a change before its control plane had time to', async () => {
    await deploy()
    const { body } = await patch(restartPatch('x'))
    expect(body).toMatchObject({ metadata: { generation: 2 }, status: { observedGeneration: 1 } })
  })

  it.each([
    { maxSurge: '25%', maxUnavailable: '25%', replicas: 4, most: 5, least: 3 },
    { maxSurge: 1, maxUnavailable: 0, replicas: 3, most: 4, least: 3 },
    { maxSurge: 0, maxUnavailable: 1, replicas: 3, most: 3, least: 2 },
    { maxSurge: '50%', maxUnavailable: '34%', replicas: 3, most: 5, least: 2 },
    { maxSurge: '10%', maxUnavailable: '10%', replicas: 2, most: 3, least: 2 },
  ])(
    'keeps $least to $most of $replicas pods in a rollout with surge $maxSurge and $maxUnavailable unavailable',
    async ({ maxSurge, maxUnavailable, replicas, most, least }) => {
      const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } }
      await deploy({ replicas, strategy })
      const alive = () => pods().filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      const seen = { most: 0, least: replicas }
      const look = (): void => {
        seen.most = Math.max(seen.most, alive().length)
        seen.least = Math.min(seen.least, alive().filter(isReady).length)
      }
      cluster.onPodRunning(look)
      cluster.onPodGone(look)
      const timer = setInterval(look, 1)
      await restart()
      await settled(cluster, 'Deployment', 'web')
      clearInterval(timer)
      expect(seen).toEqual({ most, least })
    },
  )

  it('has no old and new pods together when it is to be recreated', async () => {
    await deploy({ strategy: { type: 'Recreate' } })
    const mixtures: number[] = []
    const look = (): void => {
      mixtures.push(new Set(pods().map(({ metadata }) => metadata.labels?.['pod-template-hash'])).size)
    }
    const timer = setInterval(look, 1)
    await restart()
    await settled(cluster, 'Deployment', 'web')
    clearInterval(timer)
    expect(mixtures).toContain(0)
    expect(Math.max(...mixtures)).toBe(1)
  })

  it('follows a change of size and keeps its pods', async () => {
    await deploy()
    const before = pods().map(({ metadata }) => metadata.name)
    await patch({ spec: { replicas: 5 } })
    await settled(cluster, 'Deployment', 'web')
    expect(pods().map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(before))
    await patch({ spec: { replicas: 0 } })
    await settled(cluster, 'Deployment', 'web')
    expect(conditionOf(web(), 'Progressing')?.reason).toBe('NewReplicaSetAvailable')
  })

  it('starts no rollout while paused, and rolls out once when resumed', async () => {
    await deploy()
    await patch({ spec: { paused: true } })
    await restart('one')
    await restart('two')
    await sleep(60)
    expect(sets()).toHaveLength(1)
    expect(conditionOf(web(), 'Progressing')?.reason).toBe('DeploymentPaused')
    await patch({ spec: { paused: null } })
    await settled(cluster, 'Deployment', 'web')
    expect(sets()).toHaveLength(2)
    expect(conditionOf(web(), 'Progressing')?.reason).toBe('NewReplicaSetAvailable')
  })

  it('finds its earlier replica set again when its template returns', async () => {
    await deploy()
    const template = web().spec.template
    await restart()
    await settled(cluster, 'Deployment', 'web')
    await patch({ spec: { template } }, MERGE)
    await patch({ spec: { template: { metadata: { annotations: null } } } }, MERGE)
    await settled(cluster, 'Deployment', 'web')
    expect(sets()).toHaveLength(2)
    expect(web().metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '3' })
  })

  it('keeps no more old replica sets than its history allows', async () => {
    await deploy({ revisionHistoryLimit: 1 })
    for (const value of ['a', 'b', 'c']) {
      await restart(value)
      await settled(cluster, 'Deployment', 'web')
    }
    expect(await until(sets, (list) => list.length === 2)).toHaveLength(2)
  })

  it('says when a rollout makes no progress within its deadline, and when it then does', async () => {
    await deploy({ progressDeadlineSeconds: 1, minReadySeconds: 0, replicas: 1 })
    await patch({ spec: { template: { spec: { nodeSelector: { pool: 'none' } } } } })
    await until(web, (object) => conditionOf(object, 'Progressing')?.reason === 'ProgressDeadlineExceeded')
    expect(conditionOf(web(), 'Progressing')?.status).toBe('False')
    expect(conditionOf(web(), 'Available')?.status).toBe('True')
    cluster.apply({ ...aNode('node-b'), metadata: { name: 'node-b', labels: { pool: 'none' } } })
    await settled(cluster, 'Deployment', 'web')
    await until(web, (object) => conditionOf(object, 'Progressing')?.reason === 'NewReplicaSetAvailable')
  })

  it('counts a pod as available only after minReadySeconds', async () => {
    cluster.apply(aDeployment('web', { replicas: 1, minReadySeconds: 2 }))
    await until(web, ({ status }) => status.readyReplicas === 1)
    expect(web().status.availableReplicas).toBeUndefined()
    expect(conditionOf(web(), 'Available')?.status).toBe('False')
    await until(web, ({ status }) => status.availableReplicas === 1)
  })

  it('replaces a pod that is deleted', async () => {
    await deploy()
    const [first] = pods()
    cluster.remove('Pod', 'default', first?.metadata.name ?? '')
    await until(pods, (list) => list.every(({ metadata }) => metadata.uid !== first?.metadata.uid))
    await settled(cluster, 'Deployment', 'web')
    expect(pods()).toHaveLength(3)
  })

  it('takes its replica sets and pods with it, unless they are to be orphaned', async () => {
    await deploy()
    await call(cluster, 'DELETE', `${WEB}?propagationPolicy=Orphan`)
    await sleep(60)
    expect(pods()).toHaveLength(3)
    expect(sets()).toHaveLength(1)
    cluster.remove('ReplicaSet', 'default', sets()[0]?.metadata.name ?? '')
    await until(pods, (list) => list.length === 0)
  })
})
