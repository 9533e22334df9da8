import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { WorkloadKind } from '../../src/domain/service.ts'
import type { Applied, ClusterWriter } from '../../src/remediations/cluster.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { stopClusters } from '../sandbox/kubernetes/cluster.ts'
import { inTime, removeKubeconfigs, writerOf } from './accounts.ts'
import { DB, STAMP, startSmallCluster, stored, versionOf, WEB } from './small-cluster.ts'

let cluster: KubernetesStandIn
beforeEach(async () => {
  cluster = await startSmallCluster()
})
afterEach(async () => {
  removeKubeconfigs()
  await stopClusters()
})

describe('two writers with one resourceVersion', () => {
  const races: readonly (readonly [
    string,
    WorkloadKind,
    (from: ClusterWriter, version: string, turn: number) => Promise<Applied>,
  ])[] = [
    ['restarts', 'Deployment', (from, version, turn) => from.restart(WEB, `${STAMP}-${turn}`, version, inTime())],
    ['scales', 'Deployment', (from, version, turn) => from.scale(WEB, 4 + turn, version, inTime())],
    ['scales of a StatefulSet', 'StatefulSet', (from, version, turn) => from.scale(DB, 4 + turn, version, inTime())],
    [
      'a scale and a restart',
      'Deployment',
      (from, version, turn) =>
        turn === 0 ? from.scale(WEB, 4, version, inTime()) : from.restart(WEB, STAMP, version, inTime()),
    ],
  ]

  it.each(races)('of %s: one of them wins', async (_, kind, attempt) => {
    const workload = kind === 'Deployment' ? WEB : DB
    const generation = stored(cluster, workload).metadata.generation ?? 0
    const writers = [writerOf(cluster), writerOf(cluster)]
    await Promise.all(writers.map((one) => one.target(workload, inTime())))
    const version = versionOf(cluster, workload)
    const results = await Promise.all(writers.map((one, turn) => attempt(one, version, turn)))
    expect(results.map(({ result }) => result).sort()).toEqual(['applied', 'conflict'])
    expect(results).toContainEqual({ result: 'applied', generation: generation + 1 })
    expect(stored(cluster, workload).metadata.generation).toBe(generation + 1)
  })
})
