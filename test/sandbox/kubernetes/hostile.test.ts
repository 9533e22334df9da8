import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { KubernetesStandIn } from '../../../src/sandbox/kubernetes/index.ts'
import {
  ADMIN,
  aDeployment,
  aNode,
  JSON_PATCH,
  MERGE,
  STRATEGIC,
  settled,
  startCluster,
  stopClusters,
} from './cluster.ts'

describe('the Kubernetes API under input that no client should send', () => {
  let cluster: KubernetesStandIn
  beforeAll(async () => {
    cluster = await startCluster()
    cluster.apply(aNode('node-a', '64Gi'))
    cluster.apply(aDeployment('web'))
    await settled(cluster, 'Deployment', 'web')
  })
  afterAll(stopClusters)

  /** Sends a request as it is, without the corrections that `fetch` makes. */
  const raw = (method: string, path: string, type: string, body: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${ADMIN.token}`, 'content-type': type }
      const sent = request(`${cluster.url}`, { method, path, headers }, (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
      })
      sent.on('error', reject)
      sent.end(body)
    })

  const path = fc.oneof(
    fc.constantFrom(
      '//',
      '/%',
      '/api/v1/namespaces/%zz/pods',
      '/apis/apps/v1/namespaces/default/deployments/web?limit=x',
    ),
    fc.stringMatching(/^\/[a-z0-9/?=&%.-]{0,40}$/),
    fc
      .constantFrom('deployments/web', 'deployments/web/scale', 'deployments', 'statefulsets/db')
      .map((rest) => `/apis/apps/v1/namespaces/default/${rest}`),
  )
  const body = fc.oneof(
    fc.json({ maxDepth: 4 }),
    fc.string(),
    fc
      .record({
        spec: fc.object({
          maxDepth: 3,
          key: fc.constantFrom('replicas', 'template', 'spec', 'selector', 'containers', 'strategy', '$patch'),
        }),
      })
      .map((value) => JSON.stringify(value)),
    fc
      .array(
        fc.record({
          op: fc.constantFrom('add', 'remove', 'move', 'test'),
          path: fc.stringMatching(/^\/(spec|metadata)(\/[a-z0-9~-]{1,8})?$/),
          value: fc.jsonValue(),
        }),
      )
      .map((value) => JSON.stringify(value)),
  )

  it('never answers 5xx', async () => {
    const method = fc.constantFrom('POST', 'PUT', 'PATCH', 'GET')
    const type = fc.constantFrom(
      STRATEGIC,
      MERGE,
      JSON_PATCH,
      'application/json',
      'application/vnd.kubernetes.protobuf',
      'x',
    )
    await fc.assert(
      fc.asyncProperty(method, path, type, body, async (...input) => {
        const status = await raw(...input)
        expect(status).toBeGreaterThanOrEqual(200)
        expect(status).toBeLessThan(500)
      }),
      { numRuns: 300 },
    )
  }, 20_000)

  it('answers 413 to a body over 3 MiB', async () => {
    expect(
      await raw('POST', '/api/v1/namespaces/default/configmaps', 'application/json', 'x'.repeat(3 * 2 ** 20 + 1)),
    ).toBe(413)
  })
})
