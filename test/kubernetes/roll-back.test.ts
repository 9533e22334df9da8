import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { ClusterWriter } from '../../src/remediations/cluster.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { aDeployment, see, settled, stopClusters, until } from '../sandbox/kubernetes/cluster.ts'
import { inTime, removeKubeconfigs, writerOf } from './accounts.ts'
import { AGENT, DB, failureOf, STAMP, startSmallCluster, stored, versionOf, WEB, winning } from './small-cluster.ts'

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

describe('a rollback', () => {
  /** A second revision that adds what a merge could not take away again, half way and paused. */
  async function half(): Promise<void> {
    const { spec, ...object } = aDeployment('web')
    const { template } = see({ ...object, spec }).spec as { template: { metadata: object; spec: object } }
    const changed = {
      metadata: { ...template.metadata, annotations: { added: 'yes' } },
      spec: { ...template.spec, nodeSelector: { pool: 'none' } },
    }
    cluster.apply({ ...object, spec: { ...see({ ...object, spec }).spec, template: changed } })
    await until(
      () => cluster.list('ReplicaSet', 'default').length,
      (sets) => sets === 2,
    )
    await writer.pause(WEB, inTime())
  }

  it('brings back the whole earlier template and resumes, in one write', async () => {
    const { template } = stored(cluster, WEB).spec
    await half()
    expect(await writer.target(WEB, inTime())).toMatchObject({ paused: true, rolling: true, earlierRevisions: [1] })
    const writes = () => cluster.requests.filter(({ method, status }) => method === 'PATCH' && status === 200).length
    const before = writes()
    const generation = (stored(cluster, WEB).metadata.generation ?? 0) + 1
    const result = await winning(cluster, WEB, (version) => writer.rollBack(WEB, 1, version, inTime()))
    expect(result).toEqual({ result: 'applied', generation })
    expect(writes() - before).toBe(1)
    expect(stored(cluster, WEB).spec).toMatchObject({ paused: false })
    expect(stored(cluster, WEB).spec.template).toEqual(template)
    await settled(cluster, 'Deployment', 'web')
    const state = await writer.rollout(WEB, inTime())
    expect([state.done, state.pods.map((pod) => pod.state)]).toEqual([true, ['ready', 'ready', 'ready']])
    expect((await writer.target(WEB, inTime())).earlierRevisions).toEqual([2])
  })

  it('loses to whoever wrote first, and changes nothing', async () => {
    await half()
    const version = versionOf(cluster, WEB)
    await writer.restart(WEB, STAMP, version, inTime())
    const { template } = stored(cluster, WEB).spec
    expect(await writer.rollBack(WEB, 1, version, inTime())).toEqual({ result: 'conflict' })
    expect(stored(cluster, WEB).spec).toMatchObject({ paused: true, template })
  })

  it('to a revision that is no longer kept is refused with a reason', async () => {
    expect(await failureOf(writer.rollBack(WEB, 9, versionOf(cluster, WEB), inTime()))).toMatchObject({
      effect: 'none',
      message: expect.stringContaining('Deployment default/web has no revision 9 any more'),
    })
  })

  it.each([DB, AGENT])('is not possible for a $kind', async (workload) => {
    expect(await failureOf(writer.rollBack(workload, 1, versionOf(cluster, workload), inTime()))).toMatchObject({
      effect: 'none',
    })
  })
})
