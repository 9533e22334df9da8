import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { clusterObserver } from '../../src/kubernetes/observer.ts'
import type { ClusterObserver } from '../../src/remediations/cluster.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { stopClusters } from '../sandbox/kubernetes/cluster.ts'
import { aWorkload, inTime, lookerWithout, observerOf, removeKubeconfigs } from './accounts.ts'
import { DB, failureOf, startSmallCluster, WEB } from './small-cluster.ts'

const limited = [
  'deployments',
  'statefulsets',
  'replicasets',
  'pods',
  'nodes',
  'poddisruptionbudgets',
  'horizontalpodautoscalers',
].map((resource) => lookerWithout(`no-${resource}`, [resource]))

let cluster: KubernetesStandIn
beforeAll(async () => {
  cluster = await startSmallCluster({ users: limited })
})
afterAll(async () => {
  removeKubeconfigs()
  await stopClusters()
})

type Question = (from: ClusterObserver) => Promise<unknown>
const QUESTIONS: readonly (readonly [string, Question])[] = [
  ['pods', (from) => from.pods(WEB, inTime())],
  ['budgets', (from) => from.budgets(WEB, inTime())],
  ['room', (from) => from.room(WEB, 1, inTime())],
  ['autoscaler', (from) => from.autoscaler(WEB, inTime())],
]

describe('what cannot be seen', () => {
  it.each<[string, string, Question]>([
    ['no-deployments', 'get deployments in namespace default', (from) => from.pods(WEB, inTime())],
    ['no-statefulsets', 'get statefulsets in namespace default', (from) => from.budgets(DB, inTime())],
    ['no-deployments', 'get deployments in namespace default', (from) => from.room(WEB, 1, inTime())],
    ['no-replicasets', 'list replicasets in namespace default', (from) => from.pods(WEB, inTime())],
    ['no-pods', 'list pods in namespace default', (from) => from.pods(WEB, inTime())],
    ['no-pods', 'list pods in all namespaces', (from) => from.room(WEB, 1, inTime())],
    ['no-nodes', 'list nodes', (from) => from.room(WEB, 1, inTime())],
    [
      'no-poddisruptionbudgets',
      'list poddisruptionbudgets in namespace default',
      (from) => from.budgets(WEB, inTime()),
    ],
    [
      'no-horizontalpodautoscalers',
      'list horizontalpodautoscalers in namespace default',
      (from) => from.autoscaler(WEB, inTime()),
    ],
  ])('by %s names the permission to %s, and the file that grants it', async (user, permission, ask) => {
    expect(await failureOf(ask(observerOf(cluster, user)))).toMatchObject({
      name: 'RemediationError',
      effect: 'none',
      message: expect.stringContaining(
        `not allowed (403): its account for \`read\` lacks the permission to ${permission}; deploy/kubernetes/rbac-read.yaml grants it`,
      ),
    })
  })

  it.each(QUESTIONS)('%s: because nothing answers', async (_, ask) => {
    cluster.failNext({}, 'hang')
    expect(await failureOf(ask(observerOf(cluster, 'admin', 200)))).toMatchObject({
      effect: 'none',
      message: expect.stringMatching(/^Cluster prod, .*: no answer in time\.$/),
    })
  })

  it.each(QUESTIONS)('%s: because there is no kubeconfig', async (_, ask) => {
    const lost = clusterObserver({ cluster: 'prod', kubeconfig: '/nowhere/config', timeoutMs: 300 })
    expect(await failureOf(ask(lost))).toMatchObject({
      effect: 'none',
      message: expect.stringMatching(/^Cluster prod, connect: the kubeconfig for `read` cannot be used/),
    })
  })

  it('because the workload is not there', async () => {
    expect(await failureOf(observerOf(cluster).pods(aWorkload('Deployment', 'gone'), inTime()))).toMatchObject({
      effect: 'none',
      message: 'Cluster prod, list pods of Deployment default/gone: 404 deployments.apps "gone" not found.',
    })
  })
})
