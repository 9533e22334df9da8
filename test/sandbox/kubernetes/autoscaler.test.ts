import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { KubernetesStandIn } from '../../../src/sandbox/kubernetes/index.ts'
import {
  aDeployment,
  aNode,
  anAutoscaler,
  aStatefulSet,
  call,
  conditionOf,
  MERGE,
  see,
  settled,
  startCluster,
  stopClusters,
  until,
} from './cluster.ts'

const LIST = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers'

let cluster: KubernetesStandIn
beforeEach(async () => {
  cluster = await startCluster()
  cluster.apply(aNode())
  cluster.apply(aDeployment('web'))
  cluster.apply(aStatefulSet('db'))
  await Promise.all([settled(cluster, 'Deployment', 'web'), settled(cluster, 'StatefulSet', 'db')])
})
afterEach(stopClusters)

const sizeOf = (kind: string, name: string) => see(cluster.get(kind, 'default', name)).spec.replicas
const sized = (kind: string, name: string, replicas: number) =>
  until(
    () => sizeOf(kind, name),
    (size) => size === replicas,
  )
const statusOf = (name: string) => see(cluster.get('HorizontalPodAutoscaler', 'default', name)).status

describe('an autoscaler', () => {
  it.each([
    ['Deployment', 'web'],
    ['StatefulSet', 'db'],
  ])('raises a %s to its minimum and says so', async (kind, name) => {
    cluster.apply(anAutoscaler(name, { kind, min: 5, max: 8 }))
    await sized(kind, name, 5)
    await settled(cluster, kind, name)
    await until(
      () => statusOf(name),
      ({ currentReplicas, desiredReplicas }) => currentReplicas === 5 && desiredReplicas === 5,
    )
    const events = cluster.list('Event', 'default').map(({ message }) => message)
    expect(events).toContain('New size: 5; reason: Current number of replicas below Spec.MinReplicas')
  })

  it('lowers a workload to its maximum, also one that somebody scales beyond it later', async () => {
    cluster.apply(anAutoscaler('web', { min: 1, max: 2 }))
    await sized('Deployment', 'web', 2)
    const scale = '/apis/apps/v1/namespaces/default/deployments/web/scale'
    await call(cluster, 'PATCH', scale, { body: { spec: { replicas: 7 } }, type: MERGE })
    await sized('Deployment', 'web', 2)
    expect(statusOf('web')).toHaveProperty('lastScaleTime')
  })

  it('leaves a workload within its bounds, or scaled to nothing, as it is', async () => {
    cluster.apply(anAutoscaler('web', { min: 2, max: 8 }))
    await until(
      () => conditionOf(cluster.get('HorizontalPodAutoscaler', 'default', 'web'), 'AbleToScale')?.reason,
      (reason) => reason === 'ReadyForNewScale',
    )
    expect(sizeOf('Deployment', 'web')).toBe(3)
    cluster.apply(aDeployment('web', { replicas: 0 }))
    await until(
      () => conditionOf(cluster.get('HorizontalPodAutoscaler', 'default', 'web'), 'ScalingActive')?.reason,
      (reason) => reason === 'ScalingDisabled',
    )
    expect(sizeOf('Deployment', 'web')).toBe(0)
  })

  it('scales when its minimum is raised by a patch, and not by a dry run of it', async () => {
    cluster.apply(anAutoscaler('web', { min: 2, max: 8 }))
    const patch = { body: { spec: { minReplicas: 6 } }, type: MERGE }
    const tried = await call(cluster, 'PATCH', `${LIST}/web?dryRun=All`, patch)
    expect([tried.status, tried.body.spec]).toEqual([200, expect.objectContaining({ minReplicas: 6 })])
    expect(cluster.get('HorizontalPodAutoscaler', 'default', 'web')?.spec).toMatchObject({ minReplicas: 2 })
    await call(cluster, 'PATCH', `${LIST}/web`, patch)
    await sized('Deployment', 'web', 6)
  })

  it('says that it cannot scale what is not there', async () => {
    cluster.apply(anAutoscaler('nothing', { min: 1, max: 2 }))
    await until(
      () => conditionOf(cluster.get('HorizontalPodAutoscaler', 'default', 'nothing'), 'AbleToScale')?.reason,
      (reason) => reason === 'FailedGetScale',
    )
  })

  it('gets the defaults of the API server', () => {
    const { spec } = see(cluster.apply(anAutoscaler('web', { max: 8 })))
    expect(spec).toMatchObject({ minReplicas: 1, metrics: [{ type: 'Resource', resource: { name: 'cpu' } }] })
  })

  it.each<[string, object, string]>([
    ['a minimum of none', { minReplicas: 0 }, 'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1'],
    ['no maximum', { maxReplicas: undefined }, 'spec.maxReplicas: Invalid value: 0: must be greater than 0'],
    [
      'a maximum below the minimum',
      { minReplicas: 9 },
      'spec.maxReplicas: Invalid value: 8: must be greater than or equal to `minReplicas`',
    ],
    ['a target without a name', { scaleTargetRef: { kind: 'Deployment' } }, 'spec.scaleTargetRef.name: Required value'],
  ])('is refused with %s', async (_, change, message) => {
    const { spec, ...object } = anAutoscaler('web', { max: 8 })
    const body = { ...object, spec: { ...see({ ...object, spec }).spec, ...change } }
    const answer = await call(cluster, 'POST', LIST, { body })
    expect([answer.status, answer.body.message]).toEqual([422, expect.stringContaining(message)])
  })

  it('is refused with a field that there is not', async () => {
    const { spec, ...object } = anAutoscaler('web', { max: 8 })
    const body = { ...object, spec: { ...see({ ...object, spec }).spec, minimum: 1 } }
    const answer = await call(cluster, 'POST', `${LIST}?fieldValidation=Strict`, { body })
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining('unknown field "spec.minimum"')])
  })

  it('is found by discovery under its own version', async () => {
    const group = await call(cluster, 'GET', '/apis/autoscaling')
    expect(group.body.preferredVersion).toEqual({ groupVersion: 'autoscaling/v2', version: 'v2' })
    const { body } = await call(cluster, 'GET', '/apis/autoscaling/v2')
    expect(body.resources).toContainEqual(
      expect.objectContaining({
        name: 'horizontalpodautoscalers',
        kind: 'HorizontalPodAutoscaler',
        shortNames: ['hpa'],
      }),
    )
  })
})

describe('an eviction with a precondition on the uid', () => {
  const evict = (uid: string | undefined, query = '') =>
    call(cluster, 'POST', `/api/v1/namespaces/default/pods/db-2/eviction${query}`, {
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: 'db-2', namespace: 'default' },
        deleteOptions: { preconditions: { uid } },
      },
    })

  it('is a conflict for another pod of that name, and evicts the one that is meant', async () => {
    const pod = cluster.get('Pod', 'default', 'db-2')
    const other = await evict('00000000-0000-0000-0000-000000000000')
    expect([other.status, other.body.message]).toEqual([409, expect.stringContaining('UID in precondition')])
    expect(cluster.get('Pod', 'default', 'db-2')).toBe(pod)
    expect((await evict(pod?.metadata.uid, '?dryRun=All')).status).toBe(201)
    expect(cluster.get('Pod', 'default', 'db-2')).toBe(pod)
    expect((await evict(pod?.metadata.uid)).status).toBe(201)
    await until(
      () => cluster.get('Pod', 'default', 'db-2')?.metadata.uid,
      (uid) => uid !== undefined && uid !== pod?.metadata.uid,
    )
  })
})
