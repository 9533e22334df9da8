import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  ApiException,
  AppsV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  Watch,
} from '@kubernetes/client-node'
import type { KubernetesStandIn } from '../../../src/sandbox/kubernetes/index.ts'
import {
  ADMIN,
  aDeployment,
  aNode,
  READER,
  restartPatch,
  settled,
  startCluster,
  stopClusters,
  until,
} from './cluster.ts'

const web = { name: 'web', namespace: 'default' }
const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch)

describe.each(['its kubeconfig over TLS', 'a token over plain HTTP'])('the official client with %s', (way) => {
  let cluster: KubernetesStandIn
  beforeEach(async () => {
    cluster = await startCluster()
    cluster.apply(aNode())
    cluster.apply(aDeployment('web'))
    await settled(cluster, 'Deployment', 'web')
  })
  afterEach(stopClusters)

  const configOf = (user: typeof ADMIN): KubeConfig => {
    const config = new KubeConfig()
    if (way.includes('TLS')) config.loadFromString(cluster.kubeconfig(user.name))
    else {
      const server = { name: 'sandbox', server: cluster.url, skipTLSVerify: true }
      config.loadFromClusterAndUser(server, { name: user.name, token: user.token })
    }
    return config
  }
  const apps = (user = ADMIN) => configOf(user).makeApiClient(AppsV1Api)
  const core = (user = ADMIN) => configOf(user).makeApiClient(CoreV1Api)

  it('reads workloads, pods, nodes and replica sets', async () => {
    const deployment = await apps().readNamespacedDeployment(web)
    expect(deployment.status?.availableReplicas).toBe(3)
    expect(deployment.metadata?.creationTimestamp).toBeInstanceOf(Date)
    const pods = await core().listNamespacedPod({ namespace: 'default', labelSelector: 'app=web' })
    expect(pods.items.map((pod) => pod.status?.containerStatuses?.[0]?.restartCount)).toEqual([0, 0, 0])
    const node = await core().readNode({ name: 'node-a' })
    expect(node.status?.allocatable).toEqual({ cpu: '8', memory: '16Gi', pods: '110' })
    const sets = await apps().listNamespacedReplicaSet({ namespace: 'default' })
    expect(sets.items[0]?.metadata?.annotations).toHaveProperty(['deployment.kubernetes.io/revision'], '1')
  })

  it('restarts a deployment with a strategic merge patch, and gets 400 without that header', async () => {
    const restarted = await apps().patchNamespacedDeployment({ ...web, body: restartPatch('one') }, strategic)
    expect(restarted.metadata?.generation).toBe(2)
    const error: unknown = await apps()
      .patchNamespacedDeployment({ ...web, body: restartPatch('two') })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ApiException)
    expect(error).toMatchObject({ code: 400, body: expect.stringContaining('jsonpatch.Patch') })
  })

  it('is fenced by a resource version and rehearses with a dry run', async () => {
    const before = await apps().readNamespacedDeployment(web)
    await apps().patchNamespacedDeployment({ ...web, body: restartPatch('try'), dryRun: 'All' }, strategic)
    expect((await apps().readNamespacedDeployment(web)).metadata).toEqual(before.metadata)
    const body = restartPatch('late', '1')
    const stale = apps().patchNamespacedDeployment({ ...web, body }, strategic)
    await expect(stale).rejects.toMatchObject({ code: 409, body: expect.stringContaining('has been modified') })
  })

  it('cannot know what became of a patch whose answer was lost', async () => {
    cluster.failNext({ method: 'PATCH' }, 'answer-lost')
    const lost = apps().patchNamespacedDeployment({ ...web, body: restartPatch('lost') }, strategic)
    await expect(lost).rejects.toMatchObject({ type: 'system' })
    expect((await apps().readNamespacedDeployment(web)).metadata?.generation).toBe(2)
    cluster.failNext({ method: 'PATCH' }, 'reset')
    const refused = apps().patchNamespacedDeployment({ ...web, body: restartPatch('refused') }, strategic)
    await expect(refused).rejects.toMatchObject({ type: 'system' })
    expect((await apps().readNamespacedDeployment(web)).metadata?.generation).toBe(2)
  })

  it('learns which permission is missing', async () => {
    const denied = apps(READER).patchNamespacedDeployment({ ...web, body: restartPatch('no') }, strategic)
    await expect(denied).rejects.toMatchObject({ code: 403, body: expect.stringContaining('cannot patch resource') })
    const review = configOf(READER).makeApiClient(AuthorizationV1Api)
    const resourceAttributes = { group: 'apps', resource: 'deployments', verb: 'patch', namespace: 'default' }
    const { status } = await review.createSelfSubjectAccessReview({
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
    })
    expect(status?.allowed).toBe(false)
  })

  it('follows a rollout by watching', async () => {
    const { metadata } = await apps().listNamespacedDeployment({ namespace: 'default' })
    const seen: { type: string; updated: number }[] = []
    const query = { resourceVersion: metadata?.resourceVersion, fieldSelector: 'metadata.name=web' }
    const path = '/apis/apps/v1/namespaces/default/deployments'
    const watching = await new Watch(configOf(ADMIN)).watch(
      path,
      query,
      (type, object) => void seen.push({ type, updated: object.status.updatedReplicas ?? 0 }),
      () => undefined,
    )
    await apps().patchNamespacedDeployment({ ...web, body: restartPatch('now') }, strategic)
    await settled(cluster, 'Deployment', 'web')
    await until(
      () => seen.at(-1),
      (last) => last?.updated === 3,
    )
    watching.abort()
    expect(seen.every(({ type }) => type === 'MODIFIED')).toBe(true)
  })
})
