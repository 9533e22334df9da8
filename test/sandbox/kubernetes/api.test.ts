import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { KubernetesStandIn } from '../../../src/sandbox/kubernetes/index.ts'
import {
  aDeployment,
  aNode,
  call,
  JSON_PATCH,
  MERGE,
  READER,
  restartPatch,
  STRATEGIC,
  see,
  settled,
  startCluster,
  stopClusters,
} from './cluster.ts'

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
const WEB = `${DEPLOYMENTS}/web`

describe('the Kubernetes API', () => {
  let cluster: KubernetesStandIn
  beforeEach(async () => {
    cluster = await startCluster()
    cluster.apply(aNode())
    cluster.apply(aDeployment('web'))
    await settled(cluster, 'Deployment', 'web')
  })
  afterEach(stopClusters)
  const web = () => see(cluster.get('Deployment', 'default', 'web'))

  describe('who may do what', () => {
    it.each([
      ['no token', ''],
      ['an unknown token', 'guess'],
    ])('answers 401 with a Status to %s', async (_case, token) => {
      const { status, body } = await call(cluster, 'GET', WEB, { token })
      expect(status).toBe(401)
      expect(body).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 })
    })

    it('answers 403 in the words of the real server', async () => {
      const { token } = READER
      const patch = await call(cluster, 'PATCH', WEB, { token, body: restartPatch('1'), type: STRATEGIC })
      expect(patch.status).toBe(403)
      expect(patch.body.message).toBe(
        'deployments.apps "web" is forbidden: User "reader" cannot patch resource "deployments" in API group "apps" in the namespace "default"',
      )
      expect(patch.body).toMatchObject({
        reason: 'Forbidden',
        details: { name: 'web', group: 'apps', kind: 'deployments' },
      })
      const nodes = await call(cluster, 'GET', '/api/v1/nodes', { token })
      expect(nodes.body.message).toBe(
        'nodes is forbidden: User "reader" cannot list resource "nodes" in API group "" at the cluster scope',
      )
    })

    it('lets a namespaced rule neither list all namespaces nor another one', async () => {
      const paths = ['/api/v1/pods', '/api/v1/namespaces/kube-system/pods', '/api/v1/namespaces/default/pods']
      const answers = await Promise.all(paths.map((path) => call(cluster, 'GET', path, { token: READER.token })))
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 200])
    })

    it.each([
      ['patch', 'deployments', 'apps', 'default', false],
      ['get', 'deployments', 'apps', 'default', true],
      ['get', 'deployments', 'apps', 'kube-system', false],
      ['get', 'nodes', '', '', false],
    ])('reviews %s %s for the asker as %s in "%s": %s', async (verb, resource, group, namespace, allowed) => {
      const body = { spec: { resourceAttributes: { verb, resource, group, namespace } } }
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
      const answer = await call(cluster, 'POST', path, { token: READER.token, body })
      expect(answer.status).toBe(201)
      expect(answer.body.status).toMatchObject({ allowed })
    })
  })

  describe('reading', () => {
    it('serves discovery, version and health, the last two without a token', async () => {
      const paths = ['/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/apis/policy/v1']
      for (const path of paths) expect((await call(cluster, 'GET', path)).status).toBe(200)
      expect((await call(cluster, 'GET', '/version', { token: '' })).body).toMatchObject({ major: '1' })
      expect((await call(cluster, 'GET', '/readyz', { token: '' })).body).toEqual({ text: 'ok' })
    })

    it('answers 404 in plain text for an API that is not there, as for missing metrics', async () => {
      const { status, body } = await call(cluster, 'GET', '/apis/metrics.k8s.io/v1beta1/nodes')
      expect(status).toBe(404)
      expect(body).toEqual({ text: '404 page not found\n' })
    })

    it('answers 404 with a Status for an object that is not there', async () => {
      const { status, body } = await call(cluster, 'GET', `${DEPLOYMENTS}/absent`)
      expect(status).toBe(404)
      expect(body).toMatchObject({ message: 'deployments.apps "absent" not found', reason: 'NotFound', code: 404 })
    })

    it('answers 405 for a method that the resource does not have', async () => {
      const { status, body } = await call(cluster, 'POST', WEB, { body: {} })
      expect(status).toBe(405)
      expect(body).toMatchObject({ reason: 'MethodNotAllowed' })
    })

    it('lists without repeating kind and version in each item, as the real server', async () => {
      const { body } = await call(cluster, 'GET', '/api/v1/namespaces/default/pods')
      expect(body).toMatchObject({ kind: 'PodList', apiVersion: 'v1' })
      const items = body.items as unknown as Record<string, unknown>[]
      expect(items).toHaveLength(3)
      expect(items.some((item) => 'kind' in item || 'apiVersion' in item)).toBe(false)
    })

    it.each([
      ['labelSelector=app%3Dweb', 3],
      ['labelSelector=app%20in%20(web,other),!absent', 3],
      ['labelSelector=app!%3Dweb', 0],
      ['fieldSelector=spec.nodeName%3Dnode-a', 3],
      ['fieldSelector=status.phase!%3DRunning', 0],
      ['fieldSelector=metadata.name%3Dnone', 0],
    ])('selects pods by %s', async (query, count) => {
      const { body } = await call(cluster, 'GET', `/api/v1/namespaces/default/pods?${query}`)
      expect(body.items).toHaveLength(count)
    })

    it.each(['labelSelector=%3D%3D', 'fieldSelector=spec.color%3Dred', 'limit=many'])(
      'answers 400 for %s',
      async (query) => {
        const { status, body } = await call(cluster, 'GET', `/api/v1/pods?${query}`)
        expect(status).toBe(400)
        expect(body).toMatchObject({ reason: 'BadRequest' })
      },
    )

    it('pages a list and expires page tokens after a compaction', async () => {
      const first = await call(cluster, 'GET', '/api/v1/namespaces/default/pods?limit=2')
      const metadata = first.body.metadata as unknown as { continue: string }
      expect(first.body.items).toHaveLength(2)
      expect(metadata).toMatchObject({ remainingItemCount: 1 })
      const rest = `/api/v1/namespaces/default/pods?limit=2&continue=${metadata.continue}`
      expect((await call(cluster, 'GET', rest)).body.items).toHaveLength(1)
      cluster.apply(aNode('node-b'))
      cluster.compact()
      expect(await call(cluster, 'GET', rest)).toMatchObject({ status: 410, body: { reason: 'Expired' } })
    })

    it('prints tables with the objects that kubectl needs', async () => {
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
      const { body } = await call(cluster, 'GET', DEPLOYMENTS, { accept })
      expect(body).toMatchObject({
        kind: 'Table',
        rows: [{ cells: ['web', '3/3', 3, 3, expect.any(String), 'server,sidecar', 'web:1.0,sidecar:2.0', 'app=web'] }],
      })
    })

    it('answers 406 to a client that only reads protobuf', async () => {
      const { status } = await call(cluster, 'GET', WEB, { accept: 'application/vnd.kubernetes.protobuf' })
      expect(status).toBe(406)
    })
  })

  describe('patching', () => {
    const patch = (body: unknown, type: string, query = '') => call(cluster, 'PATCH', `${WEB}${query}`, { body, type })

    it('merges containers and their environment by name in a strategic merge patch', async () => {
      const containers = [{ name: 'sidecar', env: [{ name: 'LEVEL', value: '3' }] }]
      const { status } = await patch({ spec: { template: { spec: { containers } } } }, STRATEGIC)
      expect(status).toBe(200)
      expect(web().spec.template).toMatchObject({
        spec: {
          containers: [
            { name: 'server', image: 'web:1.0' },
            { name: 'sidecar', env: [{ name: 'MODE' }, { name: 'LEVEL', value: '3' }] },
          ],
        },
      })
    })

    it('replaces lists in a merge patch', async () => {
      const containers = [{ name: 'only', image: 'only:1' }]
      await patch({ spec: { template: { spec: { containers } } } }, MERGE)
      expect(web().spec.template).toMatchObject({ spec: { containers: [{ name: 'only', image: 'only:1' }] } })
    })

    it('applies a JSON patch, and answers 422 for one that does not fit', async () => {
      const fits = await patch([{ op: 'replace', path: '/spec/replicas', value: 2 }], JSON_PATCH)
      expect(fits.status).toBe(200)
      expect(web().spec.replicas).toBe(2)
      const misfit = await patch([{ op: 'test', path: '/spec/replicas', value: 7 }], JSON_PATCH)
      expect(misfit.status).toBe(422)
    })

    it('answers 400 to an object sent as a JSON patch, which is what a client gets that forgets the content type', async () => {
      const { status, body } = await patch(restartPatch('1'), JSON_PATCH)
      expect(status).toBe(400)
      expect(body.message).toContain('cannot unmarshal object into Go value of type jsonpatch.Patch')
    })

    it.each(['application/json', 'application/apply-patch+yaml', 'text/plain'])('answers 415 for %s', async (type) => {
      const { status, body } = await patch(restartPatch('1'), type)
      expect(status).toBe(415)
      expect(body.message).toContain('accepted media types include: application/json-patch+json')
    })

    it('counts a generation for a changed spec only', async () => {
      const before = web().metadata.generation ?? 0
      await patch({ metadata: { labels: { team: 'serving' } } }, MERGE)
      expect(web().metadata.generation).toBe(before)
      await patch(restartPatch('first'), STRATEGIC)
      expect(web().metadata.generation).toBe(before + 1)
    })

    it('leaves version and generation as they are when a patch changes nothing', async () => {
      await patch(restartPatch('same'), STRATEGIC)
      await settled(cluster, 'Deployment', 'web')
      const { resourceVersion, generation } = web().metadata
      const again = await patch(restartPatch('same'), STRATEGIC)
      expect(again.status).toBe(200)
      expect(again.body.metadata).toMatchObject({ resourceVersion, generation })
      expect(web().metadata).toMatchObject({ resourceVersion, generation })
    })

    it('answers 409 to a patch that names a version which is no longer the stored one', async () => {
      const { resourceVersion = '' } = web().metadata
      await patch({ metadata: { labels: { team: 'serving' } } }, MERGE)
      const stale = await patch(restartPatch('late', resourceVersion), STRATEGIC)
      expect(stale.status).toBe(409)
      expect(stale.body).toMatchObject({
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
      })
      expect(JSON.stringify(web().spec)).not.toContain('restartedAt')
    })

    it('accepts a patch that names the stored version', async () => {
      const { resourceVersion = '' } = web().metadata
      const fenced = await patch(restartPatch('now', resourceVersion), STRATEGIC)
      expect(fenced.status).toBe(200)
    })

    it('keeps nothing of a dry run but answers as if it had', async () => {
      const before = cluster.get('Deployment', 'default', 'web')
      const { status, body } = await patch(restartPatch('rehearsal'), STRATEGIC, '?dryRun=All')
      expect(status).toBe(200)
      expect(JSON.stringify(body)).toContain('rehearsal')
      expect(cluster.get('Deployment', 'default', 'web')).toEqual(before)
    })

    it('answers 422 for a dry run of an unknown kind', async () => {
      expect((await patch(restartPatch('x'), STRATEGIC, '?dryRun=Some')).status).toBe(422)
    })

    it('refuses unknown fields when asked to be strict, and otherwise drops them with a warning', async () => {
      const typo = { spec: { replica: 5 } }
      const strict = await patch(typo, MERGE, '?fieldValidation=Strict')
      expect(strict.status).toBe(422)
      expect(strict.body.message).toContain(
        'strict decoding error: unknown field \\"spec.replica\\"'.replaceAll('\\', ''),
      )
      const lenient = await patch(typo, MERGE)
      expect(lenient.status).toBe(200)
      expect(lenient.headers.get('warning')).toBe('299 - "unknown field \\"spec.replica\\""')
      expect(web().spec).not.toHaveProperty('replica')
    })

    it.each([
      ['a selector', { spec: { selector: { matchLabels: { app: 'other' } } } }, 'spec.selector'],
      ['a uid', { metadata: { uid: 'other' } }, 'metadata.uid'],
      ['a negative size', { spec: { replicas: -1 } }, 'spec.replicas'],
      ['an absurd size', { spec: { replicas: 2_000_000_000 } }, 'spec.replicas'],
      ['no containers', { spec: { template: { spec: { containers: [] } } } }, 'spec.template.spec.containers'],
    ])('answers 422 for %s', async (_case, body, field) => {
      const answer = await patch(body, MERGE)
      expect(answer.status).toBe(422)
      expect(answer.body).toMatchObject({ reason: 'Invalid' })
      expect(JSON.stringify(answer.body.details)).toContain(`"field":"${field}`)
    })

    it('answers 422 for a value of the wrong type', async () => {
      const { status, body } = await patch({ spec: { replicas: 'three' } }, MERGE)
      expect(status).toBe(422)
      expect(body.message).toContain(
        'cannot unmarshal string into Go struct field Deployment.spec.replicas of type int32',
      )
    })
  })

  describe('creating, replacing and deleting', () => {
    it('answers 409 for a name that is taken and 404 for a namespace that is not there', async () => {
      const taken = await call(cluster, 'POST', DEPLOYMENTS, { body: aDeployment('web') })
      expect(taken).toMatchObject({ status: 409, body: { reason: 'AlreadyExists' } })
      const path = '/apis/apps/v1/namespaces/nowhere/deployments'
      const body = { ...aDeployment('web'), metadata: { name: 'web' } }
      const homeless = await call(cluster, 'POST', path, { body })
      expect(homeless).toMatchObject({ status: 404, body: { message: 'namespaces "nowhere" not found' } })
    })

    it('answers 409 for a replacement of an older version', async () => {
      const old = web()
      await call(cluster, 'PATCH', WEB, { body: { metadata: { labels: { a: 'b' } } }, type: MERGE })
      expect((await call(cluster, 'PUT', WEB, { body: old })).status).toBe(409)
      expect((await call(cluster, 'PUT', WEB, { body: web() })).status).toBe(200)
    })

    it('answers 400 for a body that is no JSON, is another kind, or contradicts the path', async () => {
      const bodies = ['{', aNode(), { ...aDeployment('web'), metadata: { name: 'other' } }]
      const answers = await Promise.all(bodies.map((body) => call(cluster, 'PUT', WEB, { body })))
      expect(answers.map(({ status }) => status)).toEqual([400, 400, 400])
    })

    it('fills in the defaults that the real server fills in', () => {
      expect(web().spec).toMatchObject({
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      })
    })

    it('fences a deletion by uid and version', async () => {
      const body = { preconditions: { uid: 'another' } }
      expect((await call(cluster, 'DELETE', WEB, { body })).status).toBe(409)
      expect(cluster.get('Deployment', 'default', 'web')).toBeDefined()
    })

    it('changes a status through its subresource only', async () => {
      await call(cluster, 'PATCH', '/api/v1/nodes/node-a', { body: { status: { phase: 'Wrong' } }, type: MERGE })
      expect(see(cluster.get('Node', undefined, 'node-a')).status.phase).toBeUndefined()
      await call(cluster, 'PATCH', '/api/v1/nodes/node-a/status', { body: { status: { phase: 'Right' } }, type: MERGE })
      expect(see(cluster.get('Node', undefined, 'node-a')).status.phase).toBe('Right')
    })
  })

  describe('what was asked of it', () => {
    it('records method, path, user, status and body', async () => {
      await call(cluster, 'PATCH', WEB, { body: restartPatch('1'), type: STRATEGIC, token: READER.token })
      expect(cluster.requests.at(-1)).toMatchObject({
        method: 'PATCH',
        path: WEB,
        user: 'reader',
        status: 403,
        body: restartPatch('1'),
      })
    })

    it('fails the next matching request as planned, and only as often', async () => {
      cluster.failNext({ method: 'PATCH', path: /deployments/ }, { status: 500, reason: 'InternalError' })
      const attempt = () => call(cluster, 'PATCH', WEB, { body: restartPatch('1'), type: STRATEGIC })
      expect((await call(cluster, 'GET', WEB)).status).toBe(200)
      expect(await attempt()).toMatchObject({ status: 500, body: { reason: 'InternalError' } })
      expect((await attempt()).status).toBe(200)
    })

    it('does what was asked and loses the answer as planned', async () => {
      cluster.failNext({ method: 'PATCH' }, 'answer-lost')
      const attempt = call(cluster, 'PATCH', WEB, { body: restartPatch('heard'), type: STRATEGIC })
      await expect(attempt).rejects.toThrow('fetch failed')
      expect(web().metadata.generation).toBe(2)
    })

    it('hangs or cuts a connection as planned', async () => {
      cluster.failNext({}, 'reset')
      await expect(call(cluster, 'GET', WEB)).rejects.toThrow('fetch failed')
      cluster.failNext({}, 'hang')
      const headers = { authorization: 'Bearer admin-token' }
      const hanging = fetch(`${cluster.url}${WEB}`, { headers, signal: AbortSignal.timeout(50) })
      await expect(hanging).rejects.toThrow('timeout')
      expect(cluster.requests.at(-1)).toMatchObject({ status: 0 })
    })
  })
})
