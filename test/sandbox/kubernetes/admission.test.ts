import { afterEach, describe, expect, it } from '@jest/globals'
import type { KubeObject, KubernetesStandIn } from '../../../src/sandbox/kubernetes/index.ts'
import {
  aDeployment,
  call,
  JSON_PATCH,
  MERGE,
  READER,
  restartPatch,
  STRATEGIC,
  sleep,
  startCluster,
  stopClusters,
} from './cluster.ts'
import { aBinding, aConfigMap, aPolicy, aRule } from './policies.ts'

afterEach(stopClusters)

const WEB = '/apis/apps/v1/namespaces/default/deployments/web'
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' }
const fromSettings = (action: 'Allow' | 'Deny', namespace?: string) => ({
  paramRef: { name: 'settings', parameterNotFoundAction: action, ...(namespace !== undefined && { namespace }) },
})

/** A cluster with the Deployment `web` and what `objects` bring. */
async function clusterWith(...objects: readonly KubeObject[]): Promise<KubernetesStandIn> {
  const cluster = await startCluster()
  cluster.apply(aDeployment('web'))
  for (const object of objects) cluster.apply(object)
  return cluster
}

const restart = (cluster: KubernetesStandIn, query = '') =>
  call(cluster, 'PATCH', `${WEB}${query}`, { body: restartPatch('now'), type: STRATEGIC })

/** The status of a restart of `web` under a policy and its binding. */
async function restarted(policy: object, binding: object = {}, ...objects: readonly KubeObject[]) {
  const { status, body } = await restart(
    await clusterWith(...objects, aPolicy({ ...policy }), aBinding({ ...binding })),
  )
  return status === 200 ? 'allowed' : `${status} ${String(body.reason)}: ${String(body.message)}`
}

const SAID = `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'no' with binding 'everywhere' denied request: `

describe('a bound policy', () => {
  it('denies in the words of the API server, 422 unless the validation says otherwise', async () => {
    const { status, body } = await restart(await clusterWith(aPolicy(), aBinding()))
    expect(status).toBe(422)
    expect(body).toMatchObject({
      reason: 'Invalid',
      message: `${SAID}because`,
      details: {
        name: 'web',
        group: 'apps',
        kind: 'deployments',
        causes: [{ message: expect.stringContaining('because') }],
      },
    })
    expect(await restarted({ validations: [{ expression: 'false', reason: 'Forbidden' }] })).toBe(
      `403 Forbidden: ${SAID}failed expression: false`,
    )
  })

  it.each<[string, string, object, string | undefined]>([
    ['a strategic merge patch', 'PATCH', restartPatch('now'), STRATEGIC],
    ['a merge patch', 'PATCH', { metadata: { labels: { a: 'b' } } }, MERGE],
    ['a JSON patch', 'PATCH', [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }], JSON_PATCH],
    ['a replacement', 'PUT', aDeployment('web', { replicas: 1 }), undefined],
  ])('judges %s, dry or not, and keeps nothing of it', async (_what, method, body, type) => {
    const cluster = await clusterWith(aPolicy(), aBinding())
    const before = cluster.get('Deployment', 'default', 'web')
    for (const query of ['', '?dryRun=All']) {
      expect((await call(cluster, method, `${WEB}${query}`, { body, type })).status).toBe(422)
    }
    const after = cluster.get('Deployment', 'default', 'web')
    expect([after?.spec, after?.metadata.labels]).toEqual([before?.spec, before?.metadata.labels])
  })

  it('judges a creation, whose name may be generated, before it looks whether the name is taken', async () => {
    const said = {
      expression: 'false',
      messageExpression: "request.operation + ' ' + object.metadata.name + ' ' + string(oldObject == null)",
    }
    const cluster = await clusterWith(aPolicy({ validations: [said] }), aBinding())
    const create = (metadata: object) =>
      call(cluster, 'POST', '/apis/apps/v1/namespaces/default/deployments', {
        body: { ...aDeployment('api'), metadata },
      })
    expect((await create({ name: 'web' })).body.message).toMatch(/denied request: CREATE web true$/)
    expect((await create({ generateName: 'api-' })).body.message).toMatch(/denied request: CREATE api-\w+ true$/)
  })

  it('judges the object with its defaults, beside the old one, the request and its namespace', async () => {
    const expression = [
      "request.userInfo.username == 'admin' && request.name == 'web' && request.namespace == 'default' && !request.dryRun",
      "request.kind.kind == 'Deployment' && request.resource.resource == 'deployments' && request.operation == 'UPDATE'",
      "object.spec.template != oldObject.spec.template && object.spec.strategy.type == 'RollingUpdate'",
      "oldObject.spec.replicas == 3 && object.spec.template.spec.containers.all(c, c.imagePullPolicy == 'IfNotPresent')",
      "namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'default'",
    ].join(' && ')
    expect(await restarted({ validations: [{ expression }] })).toBe('allowed')
  })

  it('asks for permission first', async () => {
    const cluster = await clusterWith(aPolicy(), aBinding())
    const { body } = await call(cluster, 'PATCH', WEB, {
      body: restartPatch('now'),
      type: STRATEGIC,
      token: READER.token,
    })
    expect(body.message).toContain('User "reader" cannot patch')
  })

  it('judges what is valid only', async () => {
    const { body } = await call(await clusterWith(aPolicy(), aBinding()), 'PUT', WEB, {
      body: aDeployment('web', { replicas: -1 }),
    })
    expect(body.message).toContain('must be greater than or equal to 0')
  })

  it.each<[string, readonly string[], readonly string[]]>([
    ['nothing below what its rules name', ['deployments'], []],
    ['nothing below for a star', ['*'], []],
    ['a scale, where a rule names it', ['deployments/scale'], ['scale']],
    ['all below for a star there', ['deployments/*'], ['scale', 'status']],
  ])('judges %s', async (_what, resources, judged) => {
    const matchConstraints = { resourceRules: [aRule({ resources })] }
    const validations = [{ expression: "request.subResource == '' || request.kind.kind == 'Never'" }]
    const cluster = await clusterWith(aPolicy({ matchConstraints, validations }), aBinding())
    const patch = (below: string, body: object) => call(cluster, 'PATCH', `${WEB}/${below}`, { body, type: MERGE })
    const answers = {
      scale: await patch('scale', { spec: { replicas: 2 } }),
      status: await patch('status', { status: { replicas: 2 } }),
    }
    expect(Object.entries(answers).flatMap(([below, { status }]) => (status === 422 ? [below] : []))).toEqual(judged)
  })

  it('is not judged itself, so that it can always be taken away', async () => {
    const everything = aRule({ apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] })
    const cluster = await clusterWith(aPolicy({ matchConstraints: { resourceRules: [everything] } }), aBinding())
    expect((await restart(cluster)).status).toBe(422)
    const patch = await call(cluster, 'PATCH', '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/no', {
      body: { spec: { validations: [{ expression: 'true' }] } },
      type: MERGE,
    })
    expect(patch.status).toBe(200)
    expect((await restart(cluster)).status).toBe(200)
  })
})

describe('a policy does not deny', () => {
  it.each<[string, readonly KubeObject[]]>([
    ['without a binding', [aPolicy()]],
    ['where the binding names another one', [aPolicy(), aBinding({ policyName: 'yes' })]],
    ['where it is to be noted only', [aPolicy(), aBinding({ validationActions: ['Audit'] })]],
    ['another group', [aPolicy({ matchConstraints: { resourceRules: [aRule({ apiGroups: [''] })] } }), aBinding()]],
    [
      'another resource',
      [aPolicy({ matchConstraints: { resourceRules: [aRule({ resources: ['daemonsets'] })] } }), aBinding()],
    ],
    [
      'another operation',
      [aPolicy({ matchConstraints: { resourceRules: [aRule({ operations: ['CREATE'] })] } }), aBinding()],
    ],
    [
      'another name',
      [aPolicy({ matchConstraints: { resourceRules: [aRule({ resourceNames: ['db'] })] } }), aBinding()],
    ],
    ['another scope', [aPolicy({ matchConstraints: { resourceRules: [aRule({ scope: 'Cluster' })] } }), aBinding()]],
    [
      'what it leaves out',
      [aPolicy({ matchConstraints: { resourceRules: [aRule()], excludeResourceRules: [aRule()] } }), aBinding()],
    ],
    [
      'objects that it does not select',
      [
        aPolicy({ matchConstraints: { resourceRules: [aRule()], objectSelector: { matchLabels: { a: 'b' } } } }),
        aBinding(),
      ],
    ],
    [
      'namespaces that its binding does not select',
      [
        aPolicy(),
        aBinding({
          matchResources: {
            namespaceSelector: {
              matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['default'] }],
            },
          },
        }),
      ],
    ],
    [
      'where a condition is not met',
      [aPolicy({ matchConditions: [{ name: 'a', expression: "request.userInfo.username != 'admin'" }] }), aBinding()],
    ],
    [
      'where a condition is not met and another one fails',
      [
        aPolicy({
          matchConditions: [
            { name: 'a', expression: 'object.spec.none == 1' },
            { name: 'b', expression: 'false' },
          ],
        }),
        aBinding(),
      ],
    ],
  ])('%s', async (_what, objects) => {
    expect((await restart(await clusterWith(...objects))).status).toBe(200)
  })

  it('and does where all of that fits', async () => {
    const matchResources = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
      resourceRules: [aRule({ resourceNames: ['web'], scope: 'Namespaced' })],
    }
    const matchConditions = [{ name: 'a', expression: "request.userInfo.username == 'admin'" }]
    expect(await restarted({ matchConditions }, { matchResources })).toContain('because')
  })
})

describe('parameters', () => {
  const paramKind = CONFIG_MAP
  const validations = [
    { expression: "params.data['mode'] != 'frozen'", messageExpression: "'because of ' + params.metadata.namespace" },
  ]
  const policy = { paramKind, validations }

  it('come from the object that the binding names, at once when that changes', async () => {
    const cluster = await clusterWith(aPolicy(policy), aBinding(fromSettings('Allow', 'kube-system')))
    expect((await restart(cluster)).status).toBe(200)
    cluster.apply(aConfigMap({ mode: 'frozen' }, 'kube-system'))
    expect((await restart(cluster)).body.message).toBe(`${SAID}because of kube-system`)
    cluster.apply(aConfigMap({ mode: 'free' }, 'kube-system'))
    expect((await restart(cluster)).status).toBe(200)
  })

  it('come from the namespace of what is written, where the binding names none', async () => {
    const frozen = aConfigMap({ mode: 'frozen' })
    expect(await restarted(policy, fromSettings('Allow'), frozen)).toContain('because of default')
    expect(await restarted(policy, fromSettings('Allow'), aConfigMap({ mode: 'frozen' }, 'kube-system'))).toBe(
      'allowed',
    )
  })

  it('may have to exist', async () => {
    expect(await restarted(policy, fromSettings('Deny'))).toContain('no params found for policy binding')
    expect(await restarted({ ...policy, failurePolicy: 'Ignore' }, fromSettings('Deny'))).toBe('allowed')
  })

  it('are removed with the object', async () => {
    const cluster = await clusterWith(aConfigMap({ mode: 'frozen' }), aPolicy(policy), aBinding(fromSettings('Allow')))
    expect((await restart(cluster)).status).toBe(422)
    cluster.remove('ConfigMap', 'default', 'settings')
    expect((await restart(cluster)).status).toBe(200)
  })

  it('count, like policies, only after some time, where the cluster has that delay', async () => {
    const cluster = await startCluster({ admissionDelayMs: 150 })
    cluster.apply(aDeployment('web'))
    cluster.apply(aPolicy())
    cluster.apply(aBinding())
    expect((await restart(cluster, '?dryRun=All')).status).toBe(200)
    await sleep(250)
    expect((await restart(cluster, '?dryRun=All')).status).toBe(422)
  })
})

describe('an expression', () => {
  const missing = [{ expression: "object.metadata.labels['a'] == 'b'" }]

  it('that fails denies, unless failures are to be ignored', async () => {
    expect(await restarted({ validations: missing })).toMatch(
      /^422 Invalid: .*expression 'object\.metadata.*' resulted in error: /,
    )
    expect(await restarted({ validations: missing, failurePolicy: 'Ignore' })).toBe('allowed')
    const matchConditions = [{ name: 'a', expression: "object.metadata.labels['a'] == 'b'" }]
    expect(await restarted({ matchConditions })).toContain('resulted in error')
    expect(await restarted({ matchConditions, failurePolicy: 'Ignore' })).toBe('allowed')
  })

  it('may name the variables before it', async () => {
    const variables = [
      { name: 'name', expression: 'object.metadata.name' },
      { name: 'greeting', expression: "'hello ' + variables.name" },
      { name: 'broken', expression: 'object.spec.none' },
    ]
    const validations = [{ expression: 'false', messageExpression: 'variables.greeting' }]
    expect(await restarted({ variables, validations })).toContain('denied request: hello web')
    expect(await restarted({ variables, validations: [{ expression: 'variables.broken == 1' }] })).toContain(
      'resulted in error',
    )
  })

  it.each([
    ['has a line break', "'two\\nlines'"],
    ['is empty', "' '"],
    ['fails', 'string(object.spec.none)'],
    ['is too long', `'${'x'.repeat(6000)}'`],
  ])('for a message gives way to the plain message when it %s', async (_what, messageExpression) => {
    const validations = [{ expression: 'false', message: 'plain', messageExpression }]
    expect(await restarted({ validations })).toBe(`422 Invalid: ${SAID}plain`)
  })
})
