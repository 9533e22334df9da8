import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { clusterWriter } from '../../src/kubernetes/writer.ts'
import type { ClusterWriter } from '../../src/remediations/cluster.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { anAutoscaler, stopClusters } from '../sandbox/kubernetes/cluster.ts'
import { inTime, removeKubeconfigs, writerOf } from './accounts.ts'
import { DB, failureOf, HPA, STAMP, startSmallCluster, versionOf, WEB } from './small-cluster.ts'

let cluster: KubernetesStandIn
let writer: ClusterWriter
// One for each test: a request that comes late, or a fault that nobody met, is not the next one's.
beforeEach(async () => {
  cluster = await startSmallCluster()
  cluster.apply(anAutoscaler('web', { min: 1 }))
  writer = writerOf(cluster)
})
afterEach(stopClusters)
afterAll(removeKubeconfigs)

const oldestRevision = () =>
  Math.min(
    ...cluster
      .list('ReplicaSet', 'default')
      .map(({ metadata }) => Number(metadata.annotations?.['deployment.kubernetes.io/revision'])),
  )

type Attempt = (from: ClusterWriter, version: string) => Promise<unknown>

const LOOKS: readonly (readonly [string, Attempt])[] = [
  ['target', (from) => from.target(WEB, inTime())],
  [
    'missingPermissions',
    (from) => from.missingPermissions('default', [{ verb: 'get', group: '', resource: 'pods' }], inTime()),
  ],
  ['rollout', (from) => from.rollout(WEB, inTime())],
  ['tryRestart', (from) => from.tryRestart(WEB, STAMP, inTime())],
  ['tryScale', (from) => from.tryScale(WEB, 5, inTime())],
  ['tryMinimum', (from) => from.tryMinimum(HPA, 5, inTime())],
]

const CHANGES: readonly (readonly [string, Attempt])[] = [
  ['restart', (from, version) => from.restart(WEB, STAMP, version, inTime())],
  ['pause', (from) => from.pause(WEB, inTime())],
  ['rollBack', (from, version) => from.rollBack(WEB, oldestRevision(), version, inTime())],
  ['scale', (from, version) => from.scale(WEB, 5, version, inTime())],
  [
    'setMinimum',
    (from) =>
      from.setMinimum(
        HPA,
        5,
        cluster.get('HorizontalPodAutoscaler', 'default', 'web')?.metadata.resourceVersion ?? '',
        inTime(),
      ),
  ],
  [
    'evict',
    (from) =>
      from.evict('default', { name: 'db-2', uid: cluster.get('Pod', 'default', 'db-2')?.metadata.uid ?? '' }, inTime()),
  ],
]

/** Long enough for the request to arrive on a machine with other things to do. */
const SOON_MS = 1_500

/** Requests that change something, dry runs not among them. */
const CHANGING = { path: /^(?!.*dryRun)/ }

describe('what fails', () => {
  it.each(LOOKS)('%s has no effect, and says so when nothing answers', async (_, attempt) => {
    cluster.failNext({}, 'hang')
    expect(await failureOf(attempt(writerOf(cluster, 'admin', SOON_MS), versionOf(cluster, WEB)))).toMatchObject({
      name: 'RemediationError',
      effect: 'none',
      message: expect.stringMatching(/^Cluster prod, .*: no answer in time\.$/),
    })
  })

  it.each(LOOKS)('%s has no effect, and says so when the connection breaks', async (_, attempt) => {
    cluster.failNext({}, 'reset')
    expect(await failureOf(attempt(writer, versionOf(cluster, WEB)))).toMatchObject({
      effect: 'none',
      message: expect.stringMatching(/^Cluster prod, .*: no answer \(.+\)\.$/),
    })
  })

  describe.each(['POST', 'PATCH'])('in answer to a %s', (method) => {
    const sends = CHANGES.filter(([name]) => (name === 'evict') === (method === 'POST'))

    it.each(sends)('%s is unknown when nothing answers', async (_, attempt) => {
      cluster.failNext({ method, ...CHANGING }, 'hang')
      expect(await failureOf(attempt(writerOf(cluster, 'admin', SOON_MS), versionOf(cluster, WEB)))).toMatchObject({
        effect: 'unknown',
        message: expect.stringContaining('no answer in time'),
      })
    })

    it.each(sends)('%s is unknown when the answer is lost, and may have happened', async (_, attempt) => {
      cluster.failNext({ method, ...CHANGING }, 'answer-lost')
      expect(await failureOf(attempt(writer, versionOf(cluster, WEB)))).toMatchObject({ effect: 'unknown' })
    })

    it.each(sends)('%s is unknown when the API server fails', async (_, attempt) => {
      cluster.failNext({ method, ...CHANGING }, { status: 504, message: 'etcdserver: request timed out' })
      expect(await failureOf(attempt(writer, versionOf(cluster, WEB)))).toMatchObject({
        effect: 'unknown',
        message: expect.stringContaining('504 etcdserver: request timed out'),
      })
    })

    it.each(sends)('%s has no effect when it is forbidden, and says what is', async (_, attempt) => {
      cluster.failNext({ method }, { status: 403, reason: 'Forbidden', message: 'User "incbot" cannot do that' })
      expect(await failureOf(attempt(writer, versionOf(cluster, WEB)))).toMatchObject({
        effect: 'none',
        message: expect.stringContaining('403 User "incbot" cannot do that'),
      })
    })
  })

  it.each(CHANGES)('%s has no effect without a kubeconfig', async (_, attempt) => {
    const lost = clusterWriter({ cluster: 'prod', kubeconfig: '/nowhere/config', timeoutMs: 300 })
    expect(await failureOf(attempt(lost, versionOf(cluster, WEB)))).toMatchObject({
      effect: 'none',
      message: expect.stringContaining('the kubeconfig for `write` cannot be used'),
    })
  })

  it.each<[string, string, (from: ClusterWriter) => Promise<unknown>]>([
    ['get deployments in namespace default', 'deployments', (from) => from.target(WEB, inTime())],
    ['list replicasets in namespace default', 'replicasets', (from) => from.target(WEB, inTime())],
    ['list pods in namespace default', 'pods', (from) => from.rollout(DB, inTime())],
    [
      'list replicasets in namespace default',
      'replicasets',
      (from) => from.rollBack(WEB, oldestRevision(), versionOf(cluster, WEB), inTime()),
    ],
    [
      'get deployments in namespace default',
      'deployments',
      (from) => from.scale(WEB, 5, versionOf(cluster, WEB), inTime()),
    ],
  ])('for want of the permission to %s names it and the file that grants it', async (permission, resource, attempt) => {
    cluster.failNext({ method: 'GET', path: new RegExp(`/${resource}`) }, { status: 403, reason: 'Forbidden' })
    expect(await failureOf(attempt(writer))).toMatchObject({
      effect: 'none',
      message: expect.stringContaining(
        `lacks the permission to ${permission}; deploy/kubernetes/rbac-write.yaml grants it`,
      ),
    })
  })
})
