import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import type { Workload } from '../../src/domain/service.ts'
import { clusterObserver } from '../../src/kubernetes/observer.ts'
import { clusterReader } from '../../src/kubernetes/reader.ts'
import { clusterWriter } from '../../src/kubernetes/writer.ts'
import type { Applied, ClusterWriter, Permission } from '../../src/remediations/cluster.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import {
  ADMIN,
  aDaemonSet,
  aDeployment,
  aNode,
  anAutoscaler,
  aStatefulSet,
  settled,
  startCluster,
  stopClusters,
} from '../sandbox/kubernetes/cluster.ts'

const role = z.object({
  kind: z.enum(['Role', 'ClusterRole']),
  rules: z.array(
    z.strictObject({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
  ),
})

function documents(file: string): readonly unknown[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS())
}

function rulesOf(file: string): z.infer<typeof role> {
  const [found] = documents(file).flatMap((document) => role.safeParse(document).data ?? [])
  if (found === undefined) throw new Error(`${file} has no role.`)
  return found
}

const READ = rulesOf('deploy/kubernetes/rbac-read.yaml')
const WRITE = rulesOf('deploy/kubernetes/rbac-write.yaml')
const signal = AbortSignal.timeout(30_000)
const STAMP = '2026-01-02T03:04:05.000Z'
const DEPLOYMENT: Workload = { cluster: 'test', namespace: 'default', kind: 'Deployment', name: 'web' }
const STATEFUL_SET: Workload = { cluster: 'test', namespace: 'default', kind: 'StatefulSet', name: 'db' }
const DAEMON_SET: Workload = { cluster: 'test', namespace: 'default', kind: 'DaemonSet', name: 'agent' }
const workloads: readonly Workload[] = [DEPLOYMENT, STATEFUL_SET, DAEMON_SET]

describe('the accounts in deploy/kubernetes', () => {
  let cluster: KubernetesStandIn
  let folder: string
  const as = (user: string) => {
    const kubeconfig = join(folder, `${user}.yaml`)
    writeFileSync(kubeconfig, cluster.kubeconfig(user))
    return { cluster: 'test', kubeconfig, timeoutMs: 5_000 }
  }
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'incbot-rbac-'))
    cluster = await startCluster({
      users: [
        ADMIN,
        { name: 'read', token: 'read-token', rules: READ.rules },
        {
          name: 'write',
          token: 'write-token',
          rules: WRITE.rules.map((rule) => ({ ...rule, namespaces: ['default'] })),
        },
      ],
    })
    for (const object of [aNode(), aDeployment('web'), aStatefulSet('db'), aDaemonSet('agent'), anAutoscaler('web')])
      cluster.apply(object)
    await Promise.all([
      settled(cluster, 'Deployment', 'web'),
      settled(cluster, 'StatefulSet', 'db'),
      settled(cluster, 'DaemonSet', 'agent'),
    ])
  })
  afterAll(async () => {
    await stopClusters()
    rmSync(folder, { recursive: true })
  })

  it('let incbot-read answer every question of a diagnosis', async () => {
    const source = clusterReader(as('read'), Date.now)
    await source.probe(signal)
    for (const workload of workloads) {
      expect(await source.cluster?.workload(workload, signal)).toMatchObject({
        value: { readyReplicas: expect.any(Number) },
      })
      expect((await source.cluster?.pods(workload, signal))?.value.length).toBeGreaterThan(0)
    }
    expect((await source.cluster?.nodes(['node-a'], signal))?.value).toHaveLength(1)
  })

  it('let incbot-read look at everything that a remediation is planned with', async () => {
    const observer = clusterObserver(as('read'))
    for (const workload of workloads) {
      expect((await observer.pods(workload, signal)).length).toBeGreaterThan(0)
      expect(await observer.budgets(workload, signal)).toEqual([])
      expect((await observer.room(workload, 1, signal)).fits).toBe(1)
    }
    expect(await observer.autoscaler(DEPLOYMENT, signal)).toMatchObject({ name: 'web' })
  })

  it.each(workloads)('let incbot-write try, restart and follow a $kind', async (workload) => {
    const writer = clusterWriter(as('write'))
    expect(await writer.tryRestart(workload, STAMP, signal)).toMatchObject({ ok: true })
    const { generation } = await winning(writer, workload, (version) =>
      writer.restart(workload, STAMP, version, signal),
    )
    expect((await writer.rollout(workload, signal)).generation).toBe(generation)
  })

  it('let incbot-write pause and roll back a Deployment', async () => {
    const writer = clusterWriter(as('write'))
    await settled(cluster, 'Deployment', 'web')
    await writer.pause(DEPLOYMENT, signal)
    const [revision = 0] = (await writer.target(DEPLOYMENT, signal)).earlierRevisions
    await winning(writer, DEPLOYMENT, (version) => writer.rollBack(DEPLOYMENT, revision, version, signal))
    expect(await writer.target(DEPLOYMENT, signal)).toMatchObject({ paused: false })
  })

  it.each([DEPLOYMENT, STATEFUL_SET])('let incbot-write scale a $kind', async (workload) => {
    const writer = clusterWriter(as('write'))
    expect(await writer.tryScale(workload, 4, signal)).toMatchObject({ ok: true })
    await winning(writer, workload, (version) => writer.scale(workload, 4, version, signal))
  })

  it('let incbot-write raise the minimum of an autoscaler', async () => {
    const writer = clusterWriter(as('write'))
    const autoscaler = { namespace: 'default', name: 'web' }
    expect(await writer.tryMinimum(autoscaler, 2, signal)).toMatchObject({ ok: true })
    const found = () => clusterObserver(as('read')).autoscaler(DEPLOYMENT, signal)
    for (;;) {
      const { resourceVersion } = (await found()) ?? fail()
      if ((await writer.setMinimum(autoscaler, 2, resourceVersion, signal)).result === 'applied') break
    }
    expect(await found()).toMatchObject({ minReplicas: 2 })
  })

  it('let incbot-write evict a pod', async () => {
    const [pod = fail()] = await clusterObserver(as('read')).pods(STATEFUL_SET, signal)
    expect(await clusterWriter(as('write')).evict('default', pod, signal)).toEqual({ result: 'evicted' })
  })

  it('are what incbot-write says that it may', async () => {
    const rights = WRITE.rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb): Permission => ({ verb, group, resource }))),
      ),
    )
    const others: readonly Permission[] = [
      { verb: 'delete', group: '', resource: 'pods' },
      { verb: 'create', group: 'apps', resource: 'deployments' },
      { verb: 'get', group: '', resource: 'secrets' },
    ]
    const asked = [...rights, ...others]
    expect(await clusterWriter(as('write')).missingPermissions('default', asked, signal)).toEqual(others)
    expect(await clusterWriter(as('write')).missingPermissions('kube-system', rights, signal)).toEqual(rights)
  })

  /** The status of a workload may change between reading and writing, which is a conflict and no matter of rights. */
  async function winning(
    writer: ClusterWriter,
    workload: Workload,
    attempt: (resourceVersion: string) => Promise<Applied>,
  ): Promise<{ readonly generation: number }> {
    for (;;) {
      const { resourceVersion } = await writer.target(workload, signal)
      const result = await attempt(resourceVersion)
      if (result.result === 'applied') return result
    }
  }

  it('do not let incbot-read change anything', async () => {
    const writer = clusterWriter(as('read'))
    const { resourceVersion } = await clusterWriter(as('admin')).target(DEPLOYMENT, signal)
    await expect(writer.restart(DEPLOYMENT, 'now', resourceVersion, signal)).rejects.toThrow(/403/)
  })

  it('do not let incbot-write out of its namespace', async () => {
    const elsewhere = { cluster: 'test', namespace: 'kube-system', kind: 'Deployment', name: 'web' } as const
    await expect(clusterWriter(as('write')).target(elsewhere, signal)).rejects.toThrow(/403/)
  })

  it('hold no right that the tests above did not use', () => {
    expect([...used('read')].sort()).toEqual([...granted(READ)].sort())
    expect([...used('write')].sort()).toEqual([...granted(WRITE)].sort())
    expect([READ.kind, WRITE.kind]).toEqual(['ClusterRole', 'Role'])
  })

  /** Besides the version and what one may do oneself, which every account may ask. */
  function used(user: string): ReadonlySet<string> {
    const answered = cluster.requests.filter(
      ({ path, status, user: by }) =>
        by === user && status < 400 && path !== '/version' && !path.includes('selfsubject'),
    )
    return new Set(answered.map(({ method, path }) => rightFor(method, path)))
  }
})

function fail(): never {
  throw new Error('There is no such thing.')
}

function granted({ rules }: z.infer<typeof role>): ReadonlySet<string> {
  return new Set(
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${inGroup(group, resource)}`)),
      ),
    ),
  )
}

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PATCH: 'patch', PUT: 'update', DELETE: 'delete' }

/** "PATCH /apis/apps/v1/namespaces/ml/deployments/web/scale" needs "patch deployments.apps/scale". */
function rightFor(method: string, path: string): string {
  const [, group = '', rest = ''] = /^\/(?:api|apis\/([^/]+))\/v\d+\/([^?]*)/.exec(path) ?? []
  const parts = rest.split('/')
  const [resource = '', name, subresource] = parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(2) : parts
  const verb = VERBS[method] ?? (name === undefined ? 'list' : 'get')
  return `${verb} ${inGroup(group, subresource === undefined ? resource : `${resource}/${subresource}`)}`
}

function inGroup(group: string, resource: string): string {
  const [plural = '', ...rest] = resource.split('/')
  return [group === '' ? plural : `${plural}.${group}`, ...rest].join('/')
}
