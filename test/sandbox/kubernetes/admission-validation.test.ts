import { afterEach, describe, expect, it } from '@jest/globals'
import type { KubeObject } from '../../../src/sandbox/kubernetes/index.ts'
import { call, startCluster, stopClusters } from './cluster.ts'
import { aBinding, aPolicy, aRule } from './policies.ts'

afterEach(stopClusters)

const PATHS: Readonly<Record<string, string>> = {
  ValidatingAdmissionPolicy: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
}

const create = async (object: KubeObject, query = '') =>
  call(await startCluster(), 'POST', `${PATHS[object.kind]}${query}`, { body: object })

const validation = (expression: string, more: object = {}) => ({ validations: [{ expression, ...more }] })
const rule = (change: object) => ({ matchConstraints: { resourceRules: [aRule({ ...change })] } })

describe('an admission policy', () => {
  it('is stored with its defaults, and with a generation', async () => {
    const { status, body } = await create(aPolicy())
    expect(status).toBe(201)
    expect(body).toMatchObject({
      metadata: { generation: 1 },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          matchPolicy: 'Equivalent',
          namespaceSelector: {},
          objectSelector: {},
          resourceRules: [{ scope: '*' }],
        },
      },
    })
  })

  it('is refused with a field that it does not have, where the client is strict', async () => {
    const { status, body } = await create(aPolicy({ validation: [] }), '?fieldValidation=Strict')
    expect([status, body.message]).toEqual([400, expect.stringContaining('unknown field "spec.validation"')])
  })

  it.each<[string, object, string]>([
    [
      'that cannot be parsed',
      validation('object..a'),
      'spec.validations[0].expression: Invalid value: "object..a": compilation failed',
    ],
    ['with a name that does not exist', validation('objekt == null'), "undeclared reference to 'objekt'"],
    [
      'with a function that core CEL does not have',
      validation("'a.b'.split('.').size() == 2"),
      "undeclared reference to 'split'",
    ],
    ['with a macro that core CEL does not have', validation('[1].exists(i, v, v == 1)'), "undeclared reference to 'i'"],
    [
      'with arguments that no function takes',
      validation("'a'.contains(1)"),
      "no matching overload for 'contains' applied to 'string.(int)'",
    ],
    ['of a sum of different things', validation("1 + 'a' == 2"), "no matching overload for '_+_'"],
    ['that is no yes or no', validation('object.metadata.name'), 'must evaluate to bool'],
    ['that joins what is no yes or no', validation("true && 'a'"), "no matching overload for '_&&_'"],
    ['with a field that requests do not have', validation("request.verb == 'x'"), "undefined field 'verb'"],
    [
      'of parameters that the policy does not have',
      validation("params.data['a'] == 'b'"),
      "undeclared reference to 'params'",
    ],
    [
      'of a message whose type nobody knows',
      validation('false', { messageExpression: 'object.metadata.name' }),
      'messageExpression: Invalid value: "object.metadata.name": must evaluate to string',
    ],
    [
      'of a variable that comes later',
      {
        ...validation('true'),
        variables: [
          { name: 'a', expression: 'variables.b' },
          { name: 'b', expression: '1' },
        ],
      },
      "undefined field 'b'",
    ],
    [
      'of a variable in a condition',
      {
        ...validation('true'),
        variables: [{ name: 'a', expression: 'true' }],
        matchConditions: [{ name: 'c', expression: 'variables.a' }],
      },
      "undeclared reference to 'variables'",
    ],
    ['in a list', validation('[nothing].size() == 1'), "undeclared reference to 'nothing'"],
    ['in a map', validation("{'a': nothing}.size() == 1"), "undeclared reference to 'nothing'"],
    ['in a macro', validation('[1].all(x, x == y)'), "undeclared reference to 'y'"],
    ['of a message type', validation('Pod{} == null'), "undeclared reference to 'Pod'"],
  ])('is refused for an expression %s', async (_what, spec, said) => {
    const { status, body } = await create(aPolicy({ ...spec }))
    expect([status, body.reason, body.message]).toEqual([422, 'Invalid', expect.stringContaining(said)])
  })

  it.each<[string, object]>([
    ['types', validation('type(object.metadata.name) == string && [1, 2].map(x, x * 2).size() == 2')],
    [
      'macros',
      validation("has(object.spec.a) && object.spec.a.exists_one(k, k.startsWith('x')) && [1].filter(x, x > 0) != []"),
    ],
    [
      'choices',
      validation("(object.spec.paused ? 'a' : 'b') == 'a'", {
        messageExpression: "object.spec.paused ? 'a' : string(object.spec.replicas)",
      }),
    ],
    ['keys', validation("object.metadata.labels['a'] in ['b'] && {'a': 1}['a'] == 1")],
  ])('may use core CEL: %s', async (_what, spec) => {
    expect((await create(aPolicy({ ...spec }))).status).toBe(201)
  })

  it.each<[string, object, string]>([
    ['constraints', { matchConstraints: undefined }, 'spec.matchConstraints: Required value'],
    ['rules', { matchConstraints: {} }, 'spec.matchConstraints.resourceRules: Required value'],
    ['resources in a rule', rule({ resources: [] }), 'resourceRules[0].resources: Required value'],
    ['validations', { validations: [] }, 'spec.validations: Required value'],
    ['an expression', validation(' '), 'spec.validations[0].expression: Required value'],
    ['the name of a variable', { variables: [{ expression: 'true' }] }, 'spec.variables[0].name: Required value'],
    [
      'a name that is one',
      { variables: [{ name: 'a-b', expression: 'true' }] },
      'spec.variables[0].name: Invalid value',
    ],
    ['a known reason', validation('true', { reason: 'Teapot' }), 'reason: Unsupported value: "Teapot"'],
    ['a message of one line', validation('true', { message: 'a\nb' }), 'message must not contain line breaks'],
    ['a known failure policy', { failurePolicy: 'Maybe' }, 'spec.failurePolicy: Unsupported value: "Maybe"'],
    ['an operation that is judged here', rule({ operations: ['DELETE'] }), 'operations: Unsupported value: "DELETE"'],
    ['a subresource that is judged here', rule({ resources: ['pods/eviction'] }), 'does not judge pods/eviction'],
    ['a ConfigMap as parameter', { paramKind: { apiVersion: 'v1', kind: 'Secret' } }, 'spec.paramKind: Invalid value'],
    ['an audit log', { auditAnnotations: [{ key: 'a', valueExpression: "'b'" }] }, 'this stand-in has no audit log'],
  ])('is refused without %s', async (_what, spec, said) => {
    const { status, body } = await create(aPolicy({ ...spec }))
    expect([status, body.message]).toEqual([422, expect.stringContaining(said)])
  })
})

describe('a binding', () => {
  it('is stored without a status, as it has none', async () => {
    const { status, body } = await create(aBinding({ matchResources: {} }))
    expect(status).toBe(201)
    expect(body).toMatchObject({ spec: { matchResources: { matchPolicy: 'Equivalent' } } })
    expect(body).not.toHaveProperty('status')
  })

  it.each<[string, object, string]>([
    ['a policy', { policyName: undefined }, 'spec.policyName: Required value'],
    ['actions', { validationActions: [] }, 'spec.validationActions: Required value'],
    ['an action that is taken here', { validationActions: ['Warn'] }, 'Unsupported value: "Warn"'],
    [
      'the name of its parameters',
      { paramRef: { parameterNotFoundAction: 'Deny' } },
      'spec.paramRef.name: Required value',
    ],
    ['the case that they are missing', { paramRef: { name: 'a' } }, 'parameterNotFoundAction: Unsupported value'],
    ['parameters by name', { paramRef: { name: 'a', selector: {}, parameterNotFoundAction: 'Deny' } }, 'by name only'],
  ])('is refused without %s', async (_what, spec, said) => {
    const { status, body } = await create(aBinding({ ...spec }))
    expect([status, body.message]).toEqual([422, expect.stringContaining(said)])
  })
})
