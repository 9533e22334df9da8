import { forbidden, invalidValue, required, unsupported } from '../field-causes.ts'
import { fieldsOf, type JsonObject, textOf } from '../json.ts'
import type { StatusCause } from '../status-error.ts'
import { compilePolicy } from './compile-policy.ts'
import type { ValidatingAdmissionPolicy } from './policy.ts'

const OPERATIONS = ['CREATE', 'UPDATE']
const SUBRESOURCES = ['', '*', 'scale', 'status']
const REASONS = ['Unauthorized', 'Forbidden', 'Invalid', 'RequestEntityTooLarge']
const IDENTIFIER = /^[A-Za-z_]\w*$/
const CONDITION_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/

/** What is wrong with a policy, its expressions included; empty if it may be stored. What this stand-in could not enforce is refused, not ignored. */
export function policyCauses(spec: JsonObject): readonly StatusCause[] {
  const causes = [
    ...failurePolicy(spec.failurePolicy),
    ...paramKind(spec.paramKind),
    ...(spec.matchConstraints === undefined ? [required('spec.matchConstraints')] : matchConstraints(spec)),
    ...items(spec.matchConditions).flatMap((one, index) =>
      named(one, `spec.matchConditions[${index}]`, CONDITION_NAME),
    ),
    ...items(spec.variables).flatMap((one, index) => named(one, `spec.variables[${index}]`, IDENTIFIER)),
    ...validations(spec),
  ]
  if (spec.auditAnnotations !== undefined) {
    causes.push(forbidden('spec.auditAnnotations', 'this stand-in has no audit log'))
  }
  return causes.length > 0 ? causes : expressions(spec)
}

/** What is wrong with a binding; whether its policy and its parameters exist does not matter until something is written. */
export function bindingCauses(spec: JsonObject): readonly StatusCause[] {
  const { policyName, validationActions, paramRef, matchResources } = spec
  return [
    ...(policyName === undefined ? [required('spec.policyName')] : []),
    ...actions(items(validationActions).map(textOf)),
    ...(paramRef === undefined ? [] : parameters(fieldsOf(paramRef))),
    ...ruleCauses(fieldsOf(matchResources), 'spec.matchResources'),
  ]
}

const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const failurePolicy = (value: unknown): StatusCause[] =>
  value === 'Fail' || value === 'Ignore' ? [] : [unsupported('spec.failurePolicy', value, ['Fail', 'Ignore'])]

function paramKind(value: unknown): StatusCause[] {
  if (value === undefined) return []
  const { apiVersion, kind } = fieldsOf(value)
  if (apiVersion === 'v1' && kind === 'ConfigMap') return []
  return [invalidValue('spec.paramKind', value, 'this stand-in takes parameters from a v1 ConfigMap only')]
}

function matchConstraints(spec: JsonObject): StatusCause[] {
  const given = fieldsOf(spec.matchConstraints)
  const field = 'spec.matchConstraints'
  if (items(given.resourceRules).length === 0) return [required(`${field}.resourceRules`)]
  return ruleCauses(given, field)
}

function ruleCauses(given: JsonObject, field: string): StatusCause[] {
  return ['resourceRules', 'excludeResourceRules'].flatMap((list) =>
    items(given[list]).flatMap((rule, index) => oneRule(fieldsOf(rule), `${field}.${list}[${index}]`)),
  )
}

function oneRule(rule: JsonObject, field: string): StatusCause[] {
  const missing = ['apiGroups', 'apiVersions', 'operations', 'resources'].filter(
    (name) => items(rule[name]).length === 0,
  )
  const below = items(rule.resources)
    .map(textOf)
    .filter((one) => !SUBRESOURCES.includes(one.split('/')[1] ?? ''))
  const unknown = items(rule.operations).filter((operation) => !OPERATIONS.includes(textOf(operation)))
  return [
    ...missing.map((name) => required(`${field}.${name}`)),
    ...(below.length > 0 ? [forbidden(`${field}.resources`, `this stand-in does not judge ${below.join(', ')}`)] : []),
    // The real server also judges DELETE, CONNECT and *.
    ...unknown.map((operation) => unsupported(`${field}.operations`, operation, OPERATIONS)),
  ]
}

function named(value: unknown, field: string, shape: RegExp): StatusCause[] {
  const { name, expression } = fieldsOf(value)
  return [
    ...(name === undefined ? [required(`${field}.name`)] : []),
    ...(name === undefined || shape.test(textOf(name))
      ? []
      : [invalidValue(`${field}.name`, name, 'is not a valid name')]),
    ...(textOf(expression).trim() === '' ? [required(`${field}.expression`, 'expression is not specified')] : []),
  ]
}

function validations({ validations: given }: JsonObject): StatusCause[] {
  if (items(given).length === 0) {
    return [required('spec.validations', 'validations or auditAnnotations must contain at least one item')]
  }
  return items(given).flatMap((one, index) => {
    const { expression, message, reason } = fieldsOf(one)
    const field = `spec.validations[${index}]`
    const broken = /\n/.test(textOf(message))
    return [
      ...(textOf(expression).trim() === '' ? [required(`${field}.expression`, 'expression is not specified')] : []),
      ...(broken ? [invalidValue(`${field}.message`, message, 'message must not contain line breaks')] : []),
      ...(reason === undefined || REASONS.includes(textOf(reason))
        ? []
        : [unsupported(`${field}.reason`, reason, REASONS)]),
    ]
  })
}

function expressions(spec: JsonObject): StatusCause[] {
  const causes: StatusCause[] = []
  // Everything else about it has just been checked.
  compilePolicy(spec as unknown as ValidatingAdmissionPolicy['spec'], (field, expression, why) => {
    causes.push(invalidValue(field, expression, why))
  })
  return causes
}

function actions(given: readonly string[]): StatusCause[] {
  if (given.length === 0) return [required('spec.validationActions')]
  // The real server can also warn.
  return given
    .filter((action) => action !== 'Deny' && action !== 'Audit')
    .map((action) => unsupported('spec.validationActions', action, ['Deny', 'Audit']))
}

function parameters({ name, selector, parameterNotFoundAction: action }: JsonObject): StatusCause[] {
  return [
    ...(selector === undefined
      ? []
      : [forbidden('spec.paramRef.selector', 'this stand-in finds parameters by name only')]),
    ...(name === undefined ? [required('spec.paramRef.name', 'name or selector must be specified')] : []),
    ...(action === 'Allow' || action === 'Deny'
      ? []
      : [unsupported('spec.paramRef.parameterNotFoundAction', action, ['Allow', 'Deny'])]),
  ]
}
