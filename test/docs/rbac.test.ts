import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import type { Workload } from '../../src/domain/service.ts'
import { clusterReader } from '../../src/kubernetes/reader.ts'
import { clusterWriter } from '../../src/kubernetes/writer.ts'
import type { ClusterWriter } from '../../src/remediations/remediation.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import {
  ADMIN,
  aDaemonSet,
  aDeployment,
  aNode,
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
const workloads: readonly Workload[] = [
  { cluster: 'test', namespace: 'default', kind: 'Deployment', name: 'web' },
  { cluster: 'test', namespace: 'default', kind: 'StatefulSet', name: 'db' },
  { cluster: 'test', namespace: 'default', kind: 'DaemonSet', name: 'agent' },
]

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
    for (const object of [aNode(), aDeployment('web'), aStatefulSet('db'), aDaemonSet('agent')]) cluster.apply(object)
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

  it.each(workloads)('let incbot-write restart and follow a $kind', async (workload) => {
    const writer = clusterWriter(as('write'))
    const { generation } = await restarted(writer, workload)
    expect((await writer.rollout(workload, signal)).generation).toBe(generation)
  })

  /** The status of a workload may change between reading and writing, which is a conflict and no matter of rights. */
  async function restarted(writer: ClusterWriter, workload: Workload): Promise<{ readonly generation: number }> {
    for (;;) {
      const { resourceVersion } = await writer.target(workload, signal)
      const result = await writer.restart(workload, '2026-01-02T03:04:05.000Z', resourceVersion, signal)
      if (result.result === 'applied') return result
    }
  }

  it('do not let incbot-read change anything', async () => {
    const writer = clusterWriter(as('read'))
    const { resourceVersion } = await clusterWriter(as('admin')).target(workloads[0] ?? fail(), signal)
    await expect(writer.restart(workloads[0] ?? fail(), 'now', resourceVersion, signal)).rejects.toThrow(/403/)
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

  /** Besides the version, which every account may read. */
  function used(user: string): ReadonlySet<string> {
    const answered = cluster.requests.filter((one) => one.user === user && one.status < 400 && one.path !== '/version')
    return new Set(answered.map(({ method, path }) => rightFor(method, path)))
  }
})

function fail(): never {
  throw new Error('There is no such workload.')
}

function granted({ rules }: z.infer<typeof role>): ReadonlySet<string> {
  return new Set(
    rules.flatMap(({ resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
    ),
  )
}

/** "GET /apis/apps/v1/namespaces/ml/deployments/web" needs "get deployments". */
function rightFor(method: string, path: string): string {
  const parts = path.split('?', 1)[0]?.split('/v1/')[1]?.split('/') ?? []
  const [resource, name] = parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(2) : parts
  const verb = method === 'GET' ? (name === undefined ? 'list' : 'get') : method.toLowerCase()
  return `${verb} ${resource}`
}
