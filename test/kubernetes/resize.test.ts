import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { ClusterWriter } from '../../src/remediations/cluster.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { anAutoscaler, settled, stopClusters, until } from '../sandbox/kubernetes/cluster.ts'
import { inTime, removeKubeconfigs, writerOf } from './accounts.ts'
import { AGENT, DB, failureOf, HPA, startSmallCluster, stored, versionOf, WEB, winning } from './small-cluster.ts'

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

describe('a scale', () => {
  it.each([WEB, DB])('of a $kind tells its generation, and changes nothing the second time', async (workload) => {
    const scale = (version: string) => writer.scale(workload, 5, version, inTime())
    const before = stored(cluster, workload).metadata.generation ?? 0
    expect(await winning(cluster, workload, scale)).toEqual({ result: 'applied', generation: before + 1 })
    expect(stored(cluster, workload)).toMatchObject({ metadata: { generation: before + 1 }, spec: { replicas: 5 } })
    expect(await winning(cluster, workload, scale)).toEqual({ result: 'applied', generation: before + 1 })
    await settled(cluster, workload.kind, workload.name)
    expect((await writer.rollout(workload, inTime())).pods).toHaveLength(5)
  })

  it('is not possible for a DaemonSet, neither tried nor done', async () => {
    const none = { effect: 'none', message: expect.stringContaining('one on every node') }
    expect(await failureOf(writer.scale(AGENT, 5, versionOf(cluster, AGENT), inTime()))).toMatchObject(none)
    expect(await failureOf(writer.tryScale(AGENT, 5, inTime()))).toMatchObject(none)
  })
})

describe('an autoscaler’s minimum', () => {
  it('is raised, which scales', async () => {
    cluster.apply(anAutoscaler('web', { min: 2 }))
    await winning(cluster, { kind: 'HorizontalPodAutoscaler', name: 'web' }, (version) =>
      writer.setMinimum(HPA, 6, version, inTime()),
    )
    await until(
      () => stored(cluster, WEB).spec.replicas,
      (replicas) => replicas === 6,
    )
  })

  it('is not raised over somebody else’s change', async () => {
    cluster.apply(anAutoscaler('web', { min: 2 }))
    const version = versionOf(cluster, { kind: 'HorizontalPodAutoscaler', name: 'web' })
    cluster.apply(anAutoscaler('web', { min: 3 }))
    expect(await writer.setMinimum(HPA, 6, version, inTime())).toEqual({ result: 'conflict' })
    expect(cluster.get('HorizontalPodAutoscaler', 'default', 'web')?.spec).toMatchObject({ minReplicas: 3 })
  })
})
