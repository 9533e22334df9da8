import { describe, expect, it } from '@jest/globals'
import type { Exemption } from '../../src/domain/freeze.ts'
import type { Workload } from '../../src/domain/service.ts'
import { admissionData } from '../../src/freeze/admission-data.ts'
import type { Manifest } from '../../src/freeze/admission-policy.ts'
import { admissionManifests } from '../../src/freeze/admission-policy.ts'
import { aGuardedFreeze, anExemption } from './builders.ts'
import { expressionsOf, functionsIn, judge, type Review } from './cel-policy.ts'

const BOT = 'system:serviceaccount:incbot:incbot-write'
const ARGO_CD = 'system:serviceaccount:argocd:argocd-application-controller'
const ADMIN = 'kubernetes-admin' // of system:masters, which RBAC does not hold; admission does

const manifests = admissionManifests({
  namespace: 'incbot',
  account: { kind: 'ServiceAccount', namespace: 'incbot', name: 'incbot-write' },
  namespaces: [],
})
const manifest = (kind: string, all: readonly Manifest[] = manifests): Manifest => {
  const found = all.find((one) => one.kind === kind)
  if (found === undefined) throw new Error(`There is no ${kind}.`)
  return found
}
const policy = manifest('ValidatingAdmissionPolicy')

const WEB: Workload = { cluster: 'prod', namespace: 'default', kind: 'Deployment', name: 'web' }

const frozenMap = (exemptions: readonly Exemption[] = [], workload: Workload = WEB) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'incbot-freezes', namespace: 'incbot' },
  data: Object.fromEntries(admissionData([aGuardedFreeze({ exemptions }, [workload])], '/inc')),
})
const HOTFIX = anExemption('label', 'hotfix=INC-4892')
const V48 = anExemption('deploy', 'v48')

const template = (image: string) => ({
  metadata: { labels: { app: 'web' }, annotations: {} },
  spec: { containers: [{ name: 'server', image, ports: [{ containerPort: 8080 }] }], restartPolicy: 'Always' },
})
const web = (image: string, metadata: object = {}, replicas = 3, status: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', uid: 'u', generation: 4, ...metadata },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template(image) },
  status,
})
const V1 = web('web:1')
const labelled = (labels: object) => web('web:2', { labels })
const REFUSED = expect.stringMatching(/^Forbidden: Workload deploys of inference are frozen until 05:42 UTC/)

describe('a frozen workload', () => {
  it.each<[string, Partial<Review>]>([
    ['a new image', { object: web('web:2') }],
    ['a new image, by Argo CD', { object: web('web:2'), username: ARGO_CD }],
    ['a new image, by somebody of system:masters', { object: web('web:2'), username: ADMIN }],
    [
      'a restart by kubectl',
      { object: { ...V1, spec: { ...V1.spec, template: { ...template('web:1'), metadata: {} } } } },
    ],
    ['a new image and a new size at once', { object: web('web:2', {}, 5) }],
    ['its creation, which follows a deletion', { object: V1, oldObject: undefined }],
    ['a new image with a label that nothing exempts', { object: labelled({ hotfix: 'INC-4892' }) }],
    ['a label with another value', { object: labelled({ hotfix: 'INC-1' }), params: frozenMap([HOTFIX]) }],
    ['a label with a shorter value', { object: labelled({ hotfix: 'INC-489' }), params: frozenMap([HOTFIX]) }],
    ['a label with a longer value', { object: labelled({ hotfix: 'INC-48920' }), params: frozenMap([HOTFIX]) }],
    ['a label of another domain', { object: labelled({ 'x/hotfix': 'INC-4892' }), params: frozenMap([HOTFIX]) }],
    ['the rest of a label’s name', { object: labelled({ fix: 'INC-4892' }), params: frozenMap([HOTFIX]) }],
    [
      'a label that only the old object has',
      {
        object: web('web:2'),
        oldObject: web('web:1', { labels: { hotfix: 'INC-4892' } }),
        params: frozenMap([HOTFIX]),
      },
    ],
    ['a deploy with another name', { object: labelled({ 'incbot.dev/deploy': 'v49' }), params: frozenMap([V48]) }],
    [
      'an annotation where a label is exempted',
      { object: web('web:2', { annotations: { hotfix: 'INC-4892' } }), params: frozenMap([HOTFIX]) },
    ],
    [
      'a label on the pods only',
      {
        object: { ...V1, spec: { ...V1.spec, template: { metadata: { labels: { hotfix: 'INC-4892' } } } } },
        params: frozenMap([HOTFIX]),
      },
    ],
    ['incbot’s own probe', { object: web('web:2', { annotations: { 'incbot.dev/probe': '1' } }), username: BOT }],
    [
      'an account with incbot’s name in another namespace',
      { object: web('web:2'), username: 'system:serviceaccount:default:incbot-write' },
    ],
    ['an account whose name begins with incbot’s', { object: web('web:2'), username: `${BOT}2` }],
  ])('is held against %s', (_what, change) => {
    expect(
      judge(policy, { object: web('web:2'), oldObject: V1, username: ADMIN, params: frozenMap(), ...change }),
    ).toEqual(REFUSED)
  })

  it.each<[string, Partial<Review>]>([
    ['scaling', { object: web('web:1', {}, 10) }],
    ['a new status', { object: web('web:1', {}, 3, { readyReplicas: 2 }) }],
    ['other metadata', { object: web('web:1', { annotations: { note: 'x' }, labels: { team: 'ml' } }) }],
    ['a pause', { object: { ...V1, spec: { ...V1.spec, paused: true } } }],
    ['incbot’s approved restart', { object: web('web:2'), username: BOT }],
    [
      'incbot’s approved restart of what has other annotations',
      { object: web('web:2', { annotations: { a: 'b' } }), username: BOT },
    ],
    ['the hot-fix label', { object: labelled({ hotfix: 'INC-4892' }), params: frozenMap([HOTFIX]) }],
    [
      'the hot-fix label among others',
      { object: labelled({ a: 'b', hotfix: 'INC-4892', z: '' }), params: frozenMap([V48, HOTFIX]) },
    ],
    [
      'the creation with the hot-fix label',
      { object: labelled({ hotfix: 'INC-4892' }), oldObject: undefined, params: frozenMap([HOTFIX]) },
    ],
    ['the named deploy', { object: labelled({ 'incbot.dev/deploy': 'v48' }), params: frozenMap([HOTFIX, V48]) }],
  ])('allows %s', (_what, change) => {
    expect(judge(policy, { object: V1, oldObject: V1, username: ARGO_CD, params: frozenMap(), ...change })).toBe(
      'allowed',
    )
  })
})

describe('what is not frozen', () => {
  const change = { object: web('web:2'), oldObject: V1, username: ARGO_CD }

  it.each<[string, Partial<Review>]>([
    ['the same name in another namespace', { namespace: 'staging', params: frozenMap() }],
    ['the same name of another kind', { kind: 'StatefulSet', params: frozenMap() }],
    ['a name that the frozen one begins with', { params: frozenMap([], { ...WEB, name: 'web-api' }) }],
    [
      'a name with a dot that begins with the frozen one',
      { object: web('web:2', { name: 'web.x' }), params: frozenMap() },
    ],
    ['a workload after incbot lifted the freeze', { params: { metadata: {}, data: {} } }],
    ['everything, where the ConfigMap has no data', { params: { metadata: { name: 'incbot-freezes' } } }],
    [
      'everything, where somebody else’s data is in the ConfigMap',
      { params: { data: { 'default.Deployment.web': 'x' } } },
    ],
    ['everything, where there is no ConfigMap', {}],
    [
      'a workload whose exemption outlived its freeze',
      { params: { data: { 'exempt.default.Deployment.web': '|a=b|' } } },
    ],
  ])('is %s', (_what, more) => {
    expect(judge(policy, { ...change, ...more })).toBe('allowed')
  })

  // Whatever fails is refused, as `failurePolicy` says: no object may fail that nobody froze.
  it.each<[string, object]>([
    ['without labels and annotations', web('web:2')],
    ['with a label', web('web:2', { labels: { team: 'ml' } })],
    ['with empty ones', web('web:2', { labels: {}, annotations: {} })],
    ['without a template', { metadata: { name: 'web' }, spec: { template: {} } }],
  ])('cannot fail: an object %s', (_what, object) => {
    for (const username of [BOT, ARGO_CD, '']) {
      for (const params of [{}, { data: {} }, frozenMap([], { ...WEB, name: 'api' })]) {
        expect(judge(policy, { object, oldObject: V1, username, params })).toBe('allowed')
        expect(judge(policy, { object, username, params })).toBe('allowed')
      }
    }
  })
})

describe('the policy', () => {
  const CORE = ['!_', '_!=_', '_&&_', '_+_', '_==_', '_[_]', '_||_', '@in', '@not_strictly_false', 'contains', 'string']

  it('uses functions and macros of core CEL only, so that every cluster from 1.30 compiles it', () => {
    const used = expressionsOf(policy).flatMap(functionsIn)
    expect(used.filter((name) => !CORE.includes(name))).toEqual([])
    expect(functionsIn("'a.b'.split('.').exists(index, part, part == 'a')")).toEqual(['exists', 'split', '_==_'])
  })

  it('judges creations and updates of the three kinds of workload, and nothing below them such as their scale', () => {
    expect(policy.spec).toMatchObject({
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['apps'],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['deployments', 'statefulsets', 'daemonsets'],
          },
        ],
      },
    })
  })

  it('reads one ConfigMap in incbot’s own namespace, and allows everything where that is gone', () => {
    expect(manifest('ValidatingAdmissionPolicyBinding').spec).toEqual({
      policyName: 'incbot-freeze',
      validationActions: ['Deny', 'Audit'],
      paramRef: { name: 'incbot-freezes', namespace: 'incbot', parameterNotFoundAction: 'Allow' },
    })
  })

  it('is bound to some namespaces where they are named', () => {
    const narrow = admissionManifests({
      namespace: 'ops',
      account: { kind: 'User', name: 'a "b" \\ c' },
      namespaces: ['ml', 'shop'],
    })
    expect(manifest('ValidatingAdmissionPolicyBinding', narrow).spec).toMatchObject({
      matchResources: {
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['ml', 'shop'] }],
        },
      },
    })
    const review = { object: web('web:2'), oldObject: V1, params: frozenMap() }
    const theirs = manifest('ValidatingAdmissionPolicy', narrow)
    expect(judge(theirs, { ...review, username: 'a "b" \\ c' })).toBe('allowed')
    expect(judge(theirs, { ...review, username: 'a b c' })).toEqual(REFUSED)
  })

  it('comes with the right to read and to patch that one ConfigMap, for the account that writes', () => {
    expect(manifest('Role')).toMatchObject({
      metadata: { namespace: 'incbot' },
      rules: [
        { apiGroups: [''], resources: ['configmaps'], resourceNames: ['incbot-freezes'], verbs: ['get', 'patch'] },
      ],
    })
    expect(manifest('RoleBinding')).toMatchObject({
      metadata: { namespace: 'incbot' },
      roleRef: { kind: 'Role', name: manifest('Role').metadata.name },
      subjects: [{ kind: 'ServiceAccount', namespace: 'incbot', name: 'incbot-write' }],
    })
  })

  it('brings a ConfigMap without data, so that applying it again lifts nothing', () => {
    expect(manifest('ConfigMap')).not.toHaveProperty('data')
  })
})
