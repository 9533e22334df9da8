import { textOf } from './json.ts'
import type { KubeObject, LabelSelector } from './object.ts'
import { badRequest } from './status-error.ts'

type Labels = Readonly<Record<string, string>>
type Requirement = (labels: Labels) => boolean

/** Whether an object's selector matches; an absent selector matches nothing, an empty one everything. */
export function selectorMatches(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  if (!selector) return false
  const exact = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
  return (
    exact &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labels[key]
      if (operator === 'In') return value !== undefined && values.includes(value)
      if (operator === 'NotIn') return value === undefined || !values.includes(value)
      return operator === 'Exists' ? value !== undefined : value === undefined
    })
  )
}

/** The query text of a selector, as a scale's status carries it. */
export function selectorText(selector: LabelSelector): string {
  const exact = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  const sets = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    return operator === 'DoesNotExist' ? `!${key}` : `${key} ${operator.toLowerCase()} (${values.join(',')})`
  })
  return [...exact, ...sets].join(',')
}

const KEY = '[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?'
const VALUE = '[-A-Za-z0-9_.]*'

/** Parses a `labelSelector` query. Throws 400 for what the API server cannot parse either. */
export function parseLabelSelector(text: string): (labels: Labels | undefined) => boolean {
  const requirements = text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseRequirement)
  return (labels) => requirements.every((matches) => matches(labels ?? {}))
}

function parseRequirement(text: string): Requirement {
  const equality = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(${VALUE})$`).exec(text)
  if (equality) {
    const [, key = '', , operator, value = ''] = equality
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value
  }
  const set = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^)]*)\\)$`).exec(text)
  if (set) {
    const [, key = '', , operator, list = ''] = set
    const values = list.split(',').map((value) => value.trim())
    if (operator === 'in') return (labels) => labels[key] !== undefined && values.includes(labels[key])
    return (labels) => labels[key] === undefined || !values.includes(labels[key])
  }
  const exists = new RegExp(`^(!?)\\s*(${KEY})$`).exec(text)
  if (!exists) throw badRequest(`unable to parse requirement: found '${text}', expected: a label requirement`)
  const [, absent, key = ''] = exists
  return (labels) => (labels[key] !== undefined) === (absent === '')
}

/** Fields that a kind can be selected by, beyond `metadata.name` and `metadata.namespace`. */
const SELECTABLE: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
  ],
  Node: ['spec.unschedulable'],
  Namespace: ['status.phase'],
  ReplicaSet: ['status.replicas'],
  Event: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
}

/** Parses a `fieldSelector` query for a kind. Throws 400 for a field that the real kind cannot be selected by. */
export function parseFieldSelector(kind: string, text: string): (object: KubeObject) => boolean {
  const selectable = ['metadata.name', 'metadata.namespace', ...(SELECTABLE[kind] ?? [])]
  const requirements = text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^([^!=]+)(==|=|!=)(.*)$/.exec(part)
      if (!match) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`)
      const [, field = '', operator, value = ''] = match
      if (!selectable.includes(field)) {
        throw badRequest(
          `Unable to find "${kind}" that match field selector "${text}": field label not supported: ${field}`,
        )
      }
      return (object: KubeObject) => (fieldText(object, field) === value) === (operator !== '!=')
    })
  return (object) => requirements.every((matches) => matches(object))
}

function fieldText(object: KubeObject, path: string): string {
  let value: unknown = object
  for (const part of path.split('.')) {
    // Every path comes from SELECTABLE and runs through objects only.
    value = (value as Record<string, unknown> | undefined)?.[part]
  }
  return textOf(value)
}
