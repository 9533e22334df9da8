import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import {
  aDaemonSet,
  aDeployment,
  aNode,
  anAutoscaler,
  aStatefulSet,
  isReady,
  READER,
  settled,
  startCluster,
  stopClusters,
} from '../sandbox/kubernetes/cluster.ts'

// kubectl waits five seconds before it tries an eviction again.
jest.setTimeout(30_000)

/** Real kubectl, 1.20 or newer, is the judge here: what it cannot work with is a fault of the stand-in. */
function requireKubectl(): void {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'pipe' })
  } catch (cause) {
    const install = 'Install it: Debian `apt-get install kubernetes-client`, macOS `brew install kubectl`.'
    throw new Error(`These tests need kubectl on the PATH. ${install}`, { cause })
  }
}

describe('kubectl, talking to the Kubernetes stand-in', () => {
  let cluster: KubernetesStandIn
  let folder: string
  beforeAll(requireKubectl)
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'incbot-kubectl-'))
    cluster = await startCluster({ podStartMs: 120, podStopMs: 60 })
    for (const name of ['node-a', 'node-b', 'node-c']) cluster.apply(aNode(name))
    cluster.apply(aDeployment('web'))
    cluster.apply(aStatefulSet('db'))
    cluster.apply(aDaemonSet('agent'))
    await Promise.all([
      settled(cluster, 'Deployment', 'web'),
      settled(cluster, 'StatefulSet', 'db'),
      settled(cluster, 'DaemonSet', 'agent'),
    ])
  })
  afterEach(async () => {
    await stopClusters()
    rmSync(folder, { recursive: true })
  })
  afterAll(stopClusters)

  /** Runs kubectl as `user`, and resolves with its exit code and everything it printed; it is ended after 20 seconds. */
  const run = (user: string, ...args: string[]): Promise<{ code: number; output: string }> => {
    const kubeconfig = join(folder, `${user}.yaml`)
    writeFileSync(kubeconfig, cluster.kubeconfig(user))
    const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder }
    return new Promise((resolve) => {
      execFile('kubectl', args, { env, timeout: 20_000 }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}` })
      })
    })
  }
  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, output } = await run('admin', ...args)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${output}`)
    return output
  }
  const uids = (app: string) =>
    cluster
      .list('Pod', 'default')
      .filter(({ metadata }) => metadata.labels?.app === app && metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.uid)

  it.each([
    ['deployment', 'web', 'deployment "web" successfully rolled out'],
    ['statefulset', 'db', 'roll out complete: 3 new pods have been updated'],
    ['daemonset', 'agent', 'daemon set "agent" successfully rolled out'],
  ])('restarts a %s, follows its rollout to the end and finds every pod replaced', async (kind, name, last) => {
    const before = uids(name)
    expect(await kubectl('rollout', 'restart', kind, name)).toContain(`${name} restarted`)
    const output = await kubectl('rollout', 'status', kind, name)
    expect(output).toContain('Waiting for')
    expect(output).toContain(last)
    const after = uids(name)
    expect(after).toHaveLength(3)
    expect(after.filter((uid) => before.includes(uid))).toEqual([])
  })

  it('fails a rollout status when the rollout has made no progress within its deadline', async () => {
    const impossible = { spec: { progressDeadlineSeconds: 1, template: { spec: { nodeSelector: { pool: 'none' } } } } }
    await kubectl('patch', 'deployment', 'web', '--patch', JSON.stringify(impossible))
    const { code, output } = await run('admin', 'rollout', 'status', 'deployment/web')
    expect(code).toBe(1)
    expect(output).toContain('exceeded its progress deadline')
  })

  it('undoes a rollout and tells its history', async () => {
    await kubectl('set', 'image', 'deployment/web', 'server=web:2.0')
    await kubectl('rollout', 'status', 'deployment/web')
    expect(await kubectl('rollout', 'history', 'deployment/web')).toMatch(/REVISION[\s\S]*1 [\s\S]*2 /)
    await kubectl('rollout', 'undo', 'deployment/web')
    await kubectl('rollout', 'status', 'deployment/web')
    expect(await kubectl('get', 'deployment', 'web', '-o', 'wide')).toContain('web:1.0,sidecar:2.0')
    expect(await kubectl('rollout', 'history', 'deployment/web')).toMatch(/REVISION[\s\S]*2 [\s\S]*3 /)
  })

  it('undoes the rollout of a stateful set', async () => {
    await kubectl('set', 'image', 'statefulset/db', 'server=db:2.0')
    await kubectl('rollout', 'status', 'statefulset/db')
    await kubectl('rollout', 'undo', 'statefulset/db')
    await kubectl('rollout', 'status', 'statefulset/db')
    expect(await kubectl('get', 'statefulset', 'db', '-o', 'wide')).toContain('db:1.0,sidecar:2.0')
  })

  it('prints pods as a table, wide, and as JSON', async () => {
    const [header, ...rows] = (await kubectl('get', 'pods', '-o', 'wide')).trim().split('\n')
    expect(header).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE/)
    expect(rows).toHaveLength(9)
    for (const row of rows) expect(row).toMatch(/ 2\/2 +Running +0 +\d+s +10\.244\.\d+\.\d+ +node-[abc] /)
    const list = JSON.parse(await kubectl('get', 'pods', '-l', 'app=web', '-o', 'json'))
    expect(list.items.map((item: { kind: string }) => item.kind)).toEqual(['Pod', 'Pod', 'Pod'])
  })

  it('counts the restart of a killed container', async () => {
    const [pod] = cluster.list('Pod', 'default')
    const restarted = new Promise<void>((resolve) => cluster.onPodRunning(() => resolve()))
    cluster.killPod('default', pod?.metadata.name ?? '', { reason: 'OOMKilled', exitCode: 137 })
    await restarted
    expect(await kubectl('get', 'pods')).toMatch(/ 2\/2 +Running +1 \(\d+s ago\) /)
  })

  it('watches pods come and go', async () => {
    const watching = run('admin', 'get', 'pods', '--watch', '--request-timeout=2s')
    const [first] = cluster.list('Pod', 'default').filter(({ metadata }) => metadata.labels?.app === 'web')
    await new Promise((resolve) => setTimeout(resolve, 700))
    await kubectl('delete', 'pod', first?.metadata.name ?? '', '--wait=false')
    const { output } = await watching
    expect(output).toMatch(new RegExp(`${first?.metadata.name} .*Terminating`))
    expect(output).toMatch(/ContainerCreating[\s\S]*2\/2 +Running/)
  })

  it('deletes a pod and waits until it is gone, and another one replaces it', async () => {
    const before = uids('web')
    const name =
      cluster.list('Pod', 'default').find(({ metadata }) => metadata.labels?.app === 'web')?.metadata.name ?? ''
    expect(await kubectl('delete', 'pod', name)).toContain('deleted')
    expect(cluster.get('Pod', 'default', name)).toBeUndefined()
    await settled(cluster, 'Deployment', 'web')
    expect(uids('web').filter((uid) => before.includes(uid))).toHaveLength(2)
  })

  it('scales, and describes what happened', async () => {
    await kubectl('scale', 'deployment', 'web', '--replicas=5')
    await kubectl('rollout', 'status', 'deployment/web')
    expect(
      cluster.list('Pod', 'default').filter((pod) => pod.metadata.labels?.app === 'web' && isReady(pod)),
    ).toHaveLength(5)
    const description = await kubectl('describe', 'deployment', 'web')
    expect(description).toMatch(/Replicas: +5 desired \| 5 updated \| 5 total \| 5 available \| 0 unavailable/)
    expect(description).toMatch(/ScalingReplicaSet .*from 3 to 5/)
  })

  it('shows an autoscaler, and raises its minimum, which scales', async () => {
    cluster.apply(anAutoscaler('web', { min: 2, max: 8 }))
    await kubectl('patch', 'hpa', 'web', '--patch', '{"spec":{"minReplicas":5}}')
    await settled(cluster, 'Deployment', 'web')
    await kubectl('wait', 'hpa/web', '--for=jsonpath={.status.currentReplicas}=5', '--timeout=5s')
    const [header, row] = (await kubectl('get', 'hpa')).trim().split('\n')
    expect(header).toMatch(/^NAME +REFERENCE +TARGETS +MINPODS +MAXPODS +REPLICAS +AGE/)
    expect(row).toMatch(/^web +Deployment\/web +cpu: <unknown>\/80% +5 +8 +5 /)
    const { code, output } = await run('admin', 'patch', 'hpa', 'web', '--patch', '{"spec":{"minReplicas":9}}')
    expect([code, output]).toEqual([1, expect.stringContaining('must be greater than or equal to `minReplicas`')])
  })

  it('drains a node, respecting a disruption budget', async () => {
    cluster.apply({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: 'default' },
      spec: { maxUnavailable: 0, selector: { matchLabels: { app: 'web' } } },
    })
    const { code, output } = await run('admin', 'drain', 'node-a', '--ignore-daemonsets', '--timeout=1s')
    expect(code).toBe(1)
    expect(output).toMatch(/disruption budget|global timeout/)
    expect(cluster.list('Pod', 'default').filter(({ metadata }) => metadata.labels?.app === 'web')).toHaveLength(3)
  })

  it('answers whether the asker may do something', async () => {
    expect(await run('admin', 'auth', 'can-i', 'patch', 'deployments')).toMatchObject({ code: 0, output: 'yes\n' })
    expect(await run(READER.name, 'auth', 'can-i', 'patch', 'deployments')).toMatchObject({ code: 1, output: 'no\n' })
    expect(await run(READER.name, 'auth', 'can-i', 'list', 'pods')).toMatchObject({ code: 0, output: 'yes\n' })
  })

  it('is told who may not do what', async () => {
    const { code, output } = await run(READER.name, 'rollout', 'restart', 'deployment', 'web')
    expect(code).toBe(1)
    expect(output).toContain(
      'User "reader" cannot patch resource "deployments" in API group "apps" in the namespace "default"',
    )
  })
})
