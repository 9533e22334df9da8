import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { WorkloadKind } from '../../src/domain/service.ts'
import { clusterWriter } from '../../src/kubernetes/writer.ts'
import type { ClusterWriter } from '../../src/remediations/remediation.ts'
import { aWorkload, inTime } from './accounts.ts'

// States that a working controller passes through too quickly, or never: an API server that says what it is told to.
let workload: object = {}
let pods: readonly object[] = []
let server: Server
let writer: ClusterWriter
const folder = mkdtempSync(join(tmpdir(), 'incbot-rollout-'))

beforeAll(async () => {
  server = createServer((req, res) => {
    const body = req.url?.includes('/pods') ? { kind: 'PodList', items: pods } : workload
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address object.
  const { port } = server.address() as AddressInfo
  const kubeconfig = join(folder, 'config')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  writeFileSync(kubeconfig, JSON.stringify(config))
  writer = clusterWriter({ cluster: 'prod', kubeconfig, timeoutMs: 2_000 })
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'
const template = { metadata: { annotations: { [RESTARTED_AT]: 'now' } }, spec: { containers: [] } }
const rollout = (kind: WorkloadKind, status: object, spec: object = {}) => {
  workload = {
    metadata: { name: 'web', generation: 2 },
    spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template, ...spec },
    status: { observedGeneration: 2, ...status },
  }
  return writer.rollout(aWorkload(kind), inTime())
}

const deployed = { replicas: 3, updatedReplicas: 3, availableReplicas: 3 }
const stateful = { ...deployed, currentRevision: 'web-2', updateRevision: 'web-2' }
const daemons = { desiredNumberScheduled: 3, currentNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 }

describe('a rollout', () => {
  it.each<[string, WorkloadKind, object, boolean]>([
    ['of a Deployment is done', 'Deployment', deployed, true],
    ['that its controller has not seen', 'Deployment', { ...deployed, observedGeneration: 1 }, false],
    ['with pods still to be replaced', 'Deployment', { ...deployed, updatedReplicas: 2 }, false],
    ['with new pods that are not available', 'Deployment', { ...deployed, availableReplicas: 2 }, false],
    ['with an old pod beside the new ones', 'Deployment', { ...deployed, replicas: 4 }, false],
    ['of a StatefulSet is done', 'StatefulSet', stateful, true],
    [
      'whose last pod became current, so that none counts as updated',
      'StatefulSet',
      { ...stateful, updatedReplicas: 0 },
      true,
    ],
    ['of a StatefulSet half way', 'StatefulSet', { ...stateful, updatedReplicas: 1, currentRevision: 'web-1' }, false],
    ['of a StatefulSet unseen', 'StatefulSet', { ...stateful, observedGeneration: 1 }, false],
    ['of a DaemonSet is done', 'DaemonSet', daemons, true],
    ['of a DaemonSet half way', 'DaemonSet', { ...daemons, updatedNumberScheduled: 2 }, false],
    ['of a DaemonSet with a pod down', 'DaemonSet', { ...daemons, numberAvailable: 2 }, false],
    ['without a status', 'Deployment', {}, false],
  ])('%s', async (_, kind, status, done) => {
    expect((await rollout(kind, status)).done).toBe(done)
  })

  const pod = (name: string, stamp: string | undefined, ready: boolean, more: object = {}, restartCount = 0) => ({
    metadata: { name, ...(stamp !== undefined && { annotations: { [RESTARTED_AT]: stamp } }), ...more },
    status: { containerStatuses: [{ name: 'server', ready, restartCount, image: '', imageID: '' }] },
  })

  it.each<[string, object]>([
    ['old', pod('p', 'before', true)],
    ['old', pod('p', undefined, true)],
    ['starting', pod('p', 'now', false)],
    ['ready', pod('p', 'now', true)],
    ['ready', pod('p', 'now', true, {}, 4)],
    ['failing', pod('p', 'now', false, {}, 2)],
    ['stopping', pod('p', 'before', true, { deletionTimestamp: '2026-03-15T03:42:00Z' })],
    ['starting', { metadata: { name: 'p', annotations: { [RESTARTED_AT]: 'now' } }, status: { phase: 'Pending' } }],
  ])('shows a pod as %s', async (state, one) => {
    pods = [one]
    expect((await rollout('Deployment', deployed)).pods).toMatchObject([{ name: 'p', state }])
  })

  it('shows pods in the order of their numbers', async () => {
    pods = ['web-10', 'web-2', 'web-1'].map((name) => pod(name, 'now', true))
    const { pods: shown } = await rollout('StatefulSet', stateful)
    expect(shown.map(({ name }) => name)).toEqual(['web-1', 'web-2', 'web-10'])
  })
})
