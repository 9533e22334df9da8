import { bindingCauses, policyCauses } from './admission/validation.ts'
import { autoscalerCauses } from './autoscaler.ts'
import { forbidden, invalidValue, required, unsupported } from './field-causes.ts'
import { fieldsOf, type JsonObject, sameJson, textOf } from './json.ts'
import type { KubeObject, LabelSelector } from './object.ts'
import { parseQuantity } from './quantity.ts'
import { selectorMatches } from './selectors.ts'
import type { StatusCause } from './status-error.ts'

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** What is wrong with an object after decoding and defaulting; empty if it may be stored. Wording follows `apis/*` validation. */
export function validate(object: KubeObject): readonly StatusCause[] {
  const spec = fieldsOf(object.spec)
  switch (object.kind) {
    case 'Deployment':
      return [...metadata(object), ...workload(spec), ...strategy(fieldsOf(spec.strategy))]
    case 'ReplicaSet':
      return [...metadata(object), ...workload(spec)]
    case 'StatefulSet':
      return [...metadata(object), ...workload(spec), ...updateStrategy(fieldsOf(spec.updateStrategy))]
    case 'DaemonSet':
      return [...metadata(object), ...workload(spec), ...updateStrategy(fieldsOf(spec.updateStrategy)), ...surge(spec)]
    case 'Pod':
      return [...metadata(object), ...podSpec(spec, 'spec')]
    case 'PodDisruptionBudget':
      return [...metadata(object), ...disruption(spec)]
    case 'HorizontalPodAutoscaler':
      return [...metadata(object), ...autoscalerCauses(spec)]
    case 'ValidatingAdmissionPolicy':
      return [...metadata(object), ...policyCauses(spec)]
    case 'ValidatingAdmissionPolicyBinding':
      return [...metadata(object), ...bindingCauses(spec)]
    default:
      return metadata(object)
  }
}

function metadata({ metadata: { name, labels = {} } }: KubeObject): StatusCause[] {
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
  const nameCauses = SUBDOMAIN.test(name) && name.length <= 253 ? [] : [invalidValue('metadata.name', name, rule)]
  return [...nameCauses, ...labelCauses(labels, 'metadata.labels')]
}

const labelCauses = (labels: JsonObject, field: string): StatusCause[] =>
  Object.values(labels)
    .filter((value) => typeof value !== 'string' || value.length > 63 || !LABEL_VALUE.test(value))
    .map((value) =>
      invalidValue(field, value, 'a valid label must be an empty string or consist of alphanumeric characters'),
    )

/** The real server takes any size; everything here runs in one process, which a slip of a finger must not stop. */
const MAX_REPLICAS = 500

function workload(spec: JsonObject): StatusCause[] {
  const template = fieldsOf(spec.template)
  const labels = fieldsOf(fieldsOf(template.metadata).labels)
  const causes: StatusCause[] = []
  if (typeof spec.replicas === 'number' && spec.replicas < 0) {
    causes.push(invalidValue('spec.replicas', spec.replicas, 'must be greater than or equal to 0'))
  }
  if (typeof spec.replicas === 'number' && spec.replicas > MAX_REPLICAS) {
    causes.push(invalidValue('spec.replicas', spec.replicas, `this stand-in runs at most ${MAX_REPLICAS} replicas`))
  }
  const selector = fieldsOf(spec.selector)
  if (spec.selector === undefined) causes.push(required('spec.selector'))
  else if (Object.keys(selector).length === 0) {
    causes.push(invalidValue('spec.selector', selector, 'empty selector is invalid for deployment'))
  }
  // Decoding has checked the types of both.
  const matches = selectorMatches(selector as LabelSelector, labels as Record<string, string>)
  if (!matches) {
    causes.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
  }
  const podFields = fieldsOf(template.spec)
  if (podFields.restartPolicy !== undefined && podFields.restartPolicy !== 'Always') {
    causes.push(unsupported('spec.template.spec.restartPolicy', podFields.restartPolicy, ['Always']))
  }
  return [...causes, ...labelCauses(labels, 'spec.template.labels'), ...podSpec(podFields, 'spec.template.spec')]
}

function podSpec(spec: JsonObject, path: string): StatusCause[] {
  const containers = Array.isArray(spec.containers) ? spec.containers.map(fieldsOf) : []
  if (containers.length === 0) return [required(`${path}.containers`)]
  const seen = new Set<unknown>()
  return containers.flatMap((container, index) => {
    const field = `${path}.containers[${index}]`
    const causes: StatusCause[] = []
    if (!container.name) causes.push(required(`${field}.name`))
    else if (!DNS_LABEL.test(textOf(container.name))) {
      causes.push(
        invalidValue(
          `${field}.name`,
          container.name,
          'a lowercase RFC 1123 label must consist of lower case alphanumeric characters',
        ),
      )
    } else if (seen.has(container.name)) {
      causes.push({
        reason: 'FieldValueDuplicate',
        message: `Duplicate value: "${textOf(container.name)}"`,
        field: `${field}.name`,
      })
    }
    seen.add(container.name)
    if (!container.image) causes.push(required(`${field}.image`))
    return [...causes, ...quantities(fieldsOf(container.resources), `${field}.resources`)]
  })
}

function quantities(resources: JsonObject, path: string): StatusCause[] {
  const requests = fieldsOf(resources.requests)
  const limits = fieldsOf(resources.limits)
  return Object.entries(requests).flatMap(([name, request]) => {
    const requested = parseQuantity(textOf(request))
    const limit = limits[name] === undefined ? undefined : parseQuantity(textOf(limits[name]))
    if (requested !== undefined && limit !== undefined && requested > limit) {
      return [
        invalidValue(
          `${path}.requests`,
          request,
          `must be less than or equal to ${name} limit of ${textOf(limits[name])}`,
        ),
      ]
    }
    return []
  })
}

function strategy(spec: JsonObject): StatusCause[] {
  if (spec.type !== 'RollingUpdate' && spec.type !== 'Recreate') {
    return [unsupported('spec.strategy.type', spec.type, ['Recreate', 'RollingUpdate'])]
  }
  if (spec.type === 'Recreate') {
    if (spec.rollingUpdate === undefined) return []
    return [forbidden('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")]
  }
  const { maxSurge, maxUnavailable } = fieldsOf(spec.rollingUpdate)
  const zero = (value: unknown): boolean => value === 0 || value === '0%'
  if (!zero(maxSurge) || !zero(maxUnavailable)) return []
  const field = 'spec.strategy.rollingUpdate.maxUnavailable'
  return [invalidValue(field, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
}

const updateStrategy = ({ type }: JsonObject): StatusCause[] =>
  type === 'RollingUpdate' || type === 'OnDelete'
    ? []
    : [unsupported('spec.updateStrategy.type', type, ['RollingUpdate', 'OnDelete'])]

function surge(spec: JsonObject): StatusCause[] {
  const { maxSurge } = fieldsOf(fieldsOf(spec.updateStrategy).rollingUpdate)
  const none = maxSurge === undefined || maxSurge === 0 || maxSurge === '0%'
  const field = 'spec.updateStrategy.rollingUpdate.maxSurge'
  return none ? [] : [forbidden(field, 'this stand-in rolls daemon sets by maxUnavailable only')]
}

function disruption(spec: JsonObject): StatusCause[] {
  if (spec.minAvailable === undefined || spec.maxUnavailable === undefined) return []
  return [invalidValue('spec', spec, 'minAvailable and maxUnavailable cannot be both set')]
}

const STATEFUL_SET_MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'revisionHistoryLimit',
]

/** What an update changes although it may not. */
export function validateUpdate(current: KubeObject, next: KubeObject): readonly StatusCause[] {
  const before = fieldsOf(current.spec)
  const after = fieldsOf(next.spec)
  if (next.kind === 'StatefulSet') {
    const names = new Set([...Object.keys(before), ...Object.keys(after)])
    const touched = [...names].some(
      (name) => !STATEFUL_SET_MUTABLE.includes(name) && !sameJson(before[name], after[name]),
    )
    const allowed =
      "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'"
    return touched
      ? [forbidden('spec', `updates to statefulset spec for fields other than ${allowed} are forbidden`)]
      : []
  }
  if (next.kind === 'Pod') {
    const frozen = (spec: JsonObject): JsonObject => {
      const containers = Array.isArray(spec.containers)
        ? spec.containers.map((item) => ({ ...fieldsOf(item), image: '' }))
        : []
      return {
        ...spec,
        containers,
        tolerations: [],
        activeDeadlineSeconds: 0,
        nodeName: before.nodeName ? spec.nodeName : '',
      }
    }
    if (sameJson(frozen(before), frozen(after))) return []
    const allowed =
      '`spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds`, `spec.tolerations` (only additions to existing tolerations), `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'
    return [forbidden('spec', `pod updates may not change fields other than ${allowed}`)]
  }
  if ('selector' in before && next.kind !== 'PodDisruptionBudget' && !sameJson(before.selector, after.selector)) {
    return [invalidValue('spec.selector', after.selector, 'field is immutable')]
  }
  return []
}
