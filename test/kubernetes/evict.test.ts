import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { ClusterWriter } from '../../src/remediations/cluster.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { aBudget, settled, stopClusters, until } from '../sandbox/kubernetes/cluster.ts'
import { inTime, removeKubeconfigs, writerOf } from './accounts.ts'
import { startSmallCluster } from './small-cluster.ts'

let cluster: KubernetesStandIn
let writer: ClusterWriter
beforeEach(async () => {
  cluster = await startSmallCluster()
  writer = writerOf(cluster)
})
afterEach(async () => {
  removeKubeconfigs()
  await stopClusters()
})

describe('an eviction', () => {
  const podOf = (name: string) => ({ name, uid: cluster.get('Pod', 'default', name)?.metadata.uid ?? '' })
  const again = (pod: { readonly name: string; readonly uid: string }) =>
    until(
      () => cluster.get('Pod', 'default', pod.name)?.metadata.uid ?? pod.uid,
      (uid) => uid !== pod.uid,
    )

  it('takes one pod, once: asked for again it is gone, and its successor stays', async () => {
    const pod = podOf('db-2')
    expect(await writer.evict('default', pod, inTime())).toEqual({ result: 'evicted' })
    const successor = await again(pod)
    expect(await writer.evict('default', pod, inTime())).toEqual({ result: 'gone' })
    await settled(cluster, 'StatefulSet', 'db')
    expect(podOf('db-2').uid).toBe(successor)
  })

  it('of a pod that is no longer there finds it gone', async () => {
    expect(await writer.evict('default', { name: 'db-9', uid: 'x' }, inTime())).toEqual({ result: 'gone' })
  })

  it('is refused by a budget in the budget’s words, and the pod stays', async () => {
    cluster.apply(aBudget('db', { minAvailable: 3 }))
    await until(
      () => cluster.get('PodDisruptionBudget', 'default', 'db')?.status,
      (status) => JSON.stringify(status).includes('"currentHealthy":3'),
    )
    const pod = podOf('db-2')
    expect(await writer.evict('default', pod, inTime())).toEqual({
      result: 'refused',
      text: 'The disruption budget db needs 3 healthy pods and has 3 currently',
    })
    expect(podOf('db-2')).toEqual(pod)
    const gone = { ...pod, uid: 'another' }
    expect(await writer.evict('default', gone, inTime())).toEqual({ result: 'gone' })
  })

  it('that meets another change of the same pod is refused for now', async () => {
    cluster.failNext({ path: /eviction/ }, { status: 409, reason: 'Conflict', message: 'the object has been modified' })
    expect(await writer.evict('default', podOf('db-2'), inTime())).toEqual({
      result: 'refused',
      text: 'the object has been modified',
    })
  })

  it('refused while nobody can say whether the pod is there counts as refused', async () => {
    cluster.failNext({ path: /eviction/ }, { status: 429, message: 'too many requests' })
    cluster.failNext({ method: 'GET', path: /pods/ }, { status: 500 })
    expect(await writer.evict('default', podOf('db-2'), inTime())).toEqual({
      result: 'refused',
      text: 'too many requests',
    })
  })
})
