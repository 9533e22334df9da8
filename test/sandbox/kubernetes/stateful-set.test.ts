import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { KubernetesStandIn } from '../../../src/sandbox/kubernetes/index.ts'
import {
  aNode,
  aStatefulSet,
  call,
  isReady,
  restartPatch,
  STRATEGIC,
  see,
  settled,
  sleep,
  startCluster,
  stopClusters,
  until,
} from './cluster.ts'

const DB = '/apis/apps/v1/namespaces/default/statefulsets/db'

describe('a stateful set', () => {
  let cluster: KubernetesStandIn
  let order: string[]
  beforeEach(async () => {
    cluster = await startCluster()
    cluster.apply(aNode())
    order = []
    cluster.onPodRunning(({ metadata }) => void order.push(`+${metadata.name}`))
    cluster.onPodGone(({ metadata }) => void order.push(`-${metadata.name}`))
  })
  afterEach(stopClusters)

  const db = () => see(cluster.get('StatefulSet', 'default', 'db'))
  const pods = () => cluster.list('Pod', 'default')
  const create = async (spec: Parameters<typeof aStatefulSet>[1] = {}): Promise<void> => {
    cluster.apply(aStatefulSet('db', spec))
    await settled(cluster, 'StatefulSet', 'db')
  }
  const patch = (body: unknown) => call(cluster, 'PATCH', DB, { body, type: STRATEGIC })

  it('starts its pods in order, each when the one before is ready', async () => {
    await create()
    expect(order).toEqual(['+db-0', '+db-1', '+db-2'])
    expect(db().status).toMatchObject({ replicas: 3, readyReplicas: 3, currentReplicas: 3, updatedReplicas: 3 })
    expect(db().status.currentRevision).toBe(db().status.updateRevision)
  })

  it('starts its pods together when their order does not matter', async () => {
    cluster.apply(aStatefulSet('db', { podManagementPolicy: 'Parallel' }))
    await until(pods, (list) => list.length === 3)
    expect(pods().some(isReady)).toBe(false)
  })

  it('restarts from the highest number down, one at a time', async () => {
    await create()
    order.length = 0
    await patch(restartPatch('now'))
    await until(db, ({ status }) => status.currentRevision !== status.updateRevision)
    await settled(cluster, 'StatefulSet', 'db')
    expect(order).toEqual(['-db-2', '+db-2', '-db-1', '+db-1', '-db-0', '+db-0'])
    expect(db().status.currentRevision).toBe(db().status.updateRevision)
  })

  it('leaves pods below the partition at their revision, also when they are created again', async () => {
    await create({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } })
    const revision = (name: string) =>
      cluster.get('Pod', 'default', name)?.metadata.labels?.['controller-revision-hash']
    const old = revision('db-0')
    await patch(restartPatch('now'))
    await until(
      () => revision('db-2'),
      (hash) => hash !== undefined && hash !== old,
    )
    cluster.remove('Pod', 'default', 'db-0')
    await sleep(100)
    expect([revision('db-0'), revision('db-1')]).toEqual([old, old])
    expect(db().status).toMatchObject({ updatedReplicas: 1, currentReplicas: 2, currentRevision: old })
  })

  it('replaces nothing by itself under OnDelete', async () => {
    await create({ updateStrategy: { type: 'OnDelete' } })
    order.length = 0
    await patch(restartPatch('now'))
    await sleep(80)
    expect(order).toEqual([])
    cluster.remove('Pod', 'default', 'db-1')
    await until(
      () => order,
      (list) => list.length === 2,
    )
    expect(db().status).toMatchObject({ updatedReplicas: 1 })
  })

  it('shrinks from the highest number down', async () => {
    await create()
    order.length = 0
    await patch({ spec: { replicas: 1 } })
    await settled(cluster, 'StatefulSet', 'db')
    expect(order).toEqual(['-db-2', '-db-1'])
  })

  it('refuses changes that the real server refuses', async () => {
    await create()
    const { status, body } = await patch({ spec: { serviceName: 'other' } })
    expect(status).toBe(422)
    expect(body.message).toContain('updates to statefulset spec for fields other than')
  })
})
