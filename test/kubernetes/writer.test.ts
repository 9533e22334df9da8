import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Workload } from '../../src/domain/service.ts'
import type { ClusterWriter, Permission } from '../../src/remediations/cluster.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { anAutoscaler, settled, stopClusters, until } from '../sandbox/kubernetes/cluster.ts'
import { aWorkload, inTime, removeKubeconfigs, writerOf } from './accounts.ts'
import { AGENT, DB, failureOf, HPA, STAMP, startSmallCluster, stored, WEB, winning } from './small-cluster.ts'

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

describe('a target', () => {
  it.each<[Workload, object]>([
    [
      WEB,
      { replicas: 3, strategy: 'surge 25%, unavailable 25%', maxSurge: 1, maxUnavailable: 0, earlierRevisions: [] },
    ],
    [DB, { replicas: 3, strategy: 'one at a time, highest ordinal first', maxSurge: 0, maxUnavailable: 1 }],
    [AGENT, { replicas: 1, strategy: 'node by node, unavailable 1', maxSurge: 0, maxUnavailable: 1 }],
  ])('is read of a $kind', async (workload, state) => {
    const { uid, generation } = stored(cluster, workload).metadata
    expect(await writer.target(workload, inTime())).toMatchObject({ uid, generation, rolling: false, ...state })
  })

  it('is rolling until its last pod is ready, and then has an earlier revision', async () => {
    await winning(cluster, WEB, (version) => writer.restart(WEB, STAMP, version, inTime()))
    expect(await writer.target(WEB, inTime())).toMatchObject({ rolling: true, restartStamp: STAMP })
    await settled(cluster, 'Deployment', 'web')
    expect(await writer.target(WEB, inTime())).toMatchObject({ rolling: false, earlierRevisions: [1] })
  })

  it('that lost a pod is not rolling', async () => {
    let starts = true
    const crashing = await startSmallCluster({ podStartMs: (_pod, started) => void (starts && started()) })
    starts = false
    const [pod] = crashing.list('Pod', 'default').filter(({ metadata }) => metadata.labels?.app === 'web')
    crashing.killPod('default', pod?.metadata.name ?? '', { reason: 'OOMKilled', exitCode: 137 })
    await until(
      () => stored(crashing, WEB).status.availableReplicas,
      (available) => available === 2,
    )
    expect((await writerOf(crashing).target(WEB, inTime())).rolling).toBe(false)
  })
})

describe('permissions', () => {
  it('that are missing are told, each in RBAC’s terms', async () => {
    const needed: readonly Permission[] = [
      { verb: 'get', group: 'apps', resource: 'deployments' },
      { verb: 'patch', group: 'apps', resource: 'deployments', name: 'web' },
      { verb: 'patch', group: 'apps', resource: 'deployments/scale' },
      { verb: 'create', group: '', resource: 'pods/eviction' },
      { verb: 'list', group: '', resource: 'pods' },
    ]
    expect(await writerOf(cluster, 'reader').missingPermissions('default', needed, inTime())).toEqual(
      needed.slice(1, 4),
    )
    expect(await writerOf(cluster, 'reader').missingPermissions('kube-system', needed, inTime())).toEqual(needed)
    expect(await writer.missingPermissions('default', needed, inTime())).toEqual([])
    expect(await writer.missingPermissions('default', [], inTime())).toEqual([])
  })
})

describe('a dry run', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a restart', () => writer.tryRestart(WEB, STAMP, inTime())],
    ['a scale', () => writer.tryScale(WEB, 7, inTime())],
    ['a scale of a StatefulSet', () => writer.tryScale(DB, 7, inTime())],
    ['a minimum', () => writer.tryMinimum(HPA, 7, inTime())],
  ])('of %s says yes and keeps nothing', async (_, attempt) => {
    cluster.apply(anAutoscaler('web', { min: 2 }))
    const before = [WEB, DB, AGENT].map((workload) => stored(cluster, workload).spec)
    const autoscaler = cluster.get('HorizontalPodAutoscaler', 'default', 'web')?.spec
    expect(await attempt()).toEqual({ ok: true, warnings: [] })
    expect([WEB, DB, AGENT].map((workload) => stored(cluster, workload).spec)).toEqual(before)
    expect(cluster.get('HorizontalPodAutoscaler', 'default', 'web')?.spec).toEqual(autoscaler)
  })

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'may not',
      () => writerOf(cluster, 'reader').tryRestart(WEB, STAMP, inTime()),
      'cannot patch resource "deployments"',
    ],
    [
      'is not there',
      () => writer.tryRestart(aWorkload('Deployment', 'gone'), STAMP, inTime()),
      'deployments.apps "gone" not found',
    ],
    ['is too small', () => writer.tryScale(WEB, -1, inTime()), 'must be greater than or equal to 0'],
    [
      'is above the maximum',
      () => writer.tryMinimum(HPA, 11, inTime()),
      'must be greater than or equal to `minReplicas`',
    ],
  ])('says in the API server’s words why not: %s', async (_, attempt, text) => {
    cluster.apply(anAutoscaler('web', { min: 2, max: 10 }))
    expect(await attempt()).toEqual({ ok: false, text: expect.stringContaining(text) })
  })
})

describe('a restart', () => {
  it.each([WEB, DB, AGENT])('of a $kind counts up once, however often it is asked for', async (workload) => {
    const restart = (version: string) => writer.restart(workload, STAMP, version, inTime())
    const before = stored(cluster, workload).metadata.generation ?? 0
    expect(await winning(cluster, workload, restart)).toEqual({ result: 'applied', generation: before + 1 })
    expect(await winning(cluster, workload, restart)).toEqual({ result: 'applied', generation: before + 1 })
    await settled(cluster, workload.kind, workload.name)
    const { done, pods } = await writer.rollout(workload, inTime())
    expect([done, new Set(pods.map(({ state }) => state))]).toEqual([true, new Set(['ready'])])
  })

  it('shows old pods becoming new ones, each with its uid', async () => {
    await winning(cluster, DB, (version) => writer.restart(DB, STAMP, version, inTime()))
    const seen = new Set<string>()
    for (;;) {
      const { done, pods } = await writer.rollout(DB, inTime())
      for (const { state } of pods) seen.add(state)
      if (done) break
    }
    expect([...seen]).toEqual(expect.arrayContaining(['old', 'ready']))
    const uids = cluster.list('Pod', 'default').map(({ metadata }) => metadata.uid)
    for (const { uid } of (await writer.rollout(DB, inTime())).pods) expect(uids).toContain(uid)
  })
})

describe('a pause', () => {
  it('holds a Deployment where it is, and may be repeated', async () => {
    await writer.pause(WEB, inTime())
    const { generation } = stored(cluster, WEB).metadata
    await writer.pause(WEB, inTime())
    expect([stored(cluster, WEB).spec.paused, stored(cluster, WEB).metadata.generation]).toEqual([true, generation])
    expect((await writer.target(WEB, inTime())).paused).toBe(true)
  })

  it.each([DB, AGENT])('is not possible for a $kind', async (workload) => {
    expect(await failureOf(writer.pause(workload, inTime()))).toMatchObject({
      effect: 'none',
      message: expect.stringContaining('only Deployments can'),
    })
  })
})
