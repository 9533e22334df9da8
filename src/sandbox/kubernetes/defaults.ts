import { autoscalerDefaults } from './autoscaler.ts'
import { fieldsOf, type JsonObject, textOf } from './json.ts'
import type { Kind } from './workloads.ts'

type Fields = Record<string, unknown>

const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const mapItems = (value: unknown, change: (item: JsonObject) => Fields): unknown[] =>
  itemsOf(value).map((item) => change(fieldsOf(item)))

/** Applies `change` to a field that is present, and leaves an absent one absent. */
const within = (object: JsonObject, field: string, change: (value: JsonObject) => Fields): Fields =>
  object[field] === undefined ? {} : { [field]: change(fieldsOf(object[field])) }

/** Fills in what the API server fills in (`pkg/apis/<group>/v1/defaults.go`), so that a patch that repeats a default changes nothing. */
export function withDefaults(kind: Kind, spec: JsonObject): JsonObject {
  switch (kind) {
    case 'Deployment':
      return {
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        ...spec,
        strategy: strategy(fieldsOf(spec.strategy)),
        ...within(spec, 'template', template),
      }
    case 'ReplicaSet':
      return { replicas: 1, ...spec, ...within(spec, 'template', template) }
    case 'StatefulSet':
      return {
        replicas: 1,
        revisionHistoryLimit: 10,
        podManagementPolicy: 'OrderedReady',
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        ...spec,
        updateStrategy: updateStrategy(fieldsOf(spec.updateStrategy), { partition: 0 }),
        ...within(spec, 'template', template),
      }
    case 'DaemonSet':
      return {
        revisionHistoryLimit: 10,
        ...spec,
        updateStrategy: updateStrategy(fieldsOf(spec.updateStrategy), { maxSurge: 0, maxUnavailable: 1 }),
        ...within(spec, 'template', template),
      }
    case 'Pod':
      return podSpec(spec)
    case 'ValidatingAdmissionPolicy':
      return { failurePolicy: 'Fail', ...spec, ...within(spec, 'matchConstraints', matchResources) }
    case 'ValidatingAdmissionPolicyBinding':
      return { ...spec, ...within(spec, 'matchResources', matchResources) }
    case 'HorizontalPodAutoscaler':
      return autoscalerDefaults(spec)
    case 'Namespace':
    case 'Node':
    case 'ConfigMap':
    case 'Event':
    case 'ControllerRevision':
    case 'PodDisruptionBudget':
      return spec
  }
}

const matchResources = (given: JsonObject): Fields => ({
  matchPolicy: 'Equivalent',
  namespaceSelector: {},
  objectSelector: {},
  ...given,
  ...rules(given, 'resourceRules'),
  ...rules(given, 'excludeResourceRules'),
})

const rules = (given: JsonObject, field: string): Fields =>
  given[field] === undefined ? {} : { [field]: mapItems(given[field], (rule) => ({ scope: '*', ...rule })) }

function strategy(given: JsonObject): Fields {
  const type = given.type ?? 'RollingUpdate'
  if (type !== 'RollingUpdate') return { ...given }
  return { type, rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%', ...fieldsOf(given.rollingUpdate) } }
}

function updateStrategy(given: JsonObject, rollingUpdate: Fields): Fields {
  const type = given.type ?? 'RollingUpdate'
  if (type !== 'RollingUpdate') return { ...given }
  return { type, rollingUpdate: { ...rollingUpdate, ...fieldsOf(given.rollingUpdate) } }
}

const template = (given: JsonObject): Fields => ({
  ...given,
  spec: podSpec(fieldsOf(given.spec)),
})

const podSpec = (given: JsonObject): Fields => ({
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  securityContext: {},
  schedulerName: 'default-scheduler',
  ...given,
  containers: mapItems(given.containers, container),
  ...(given.initContainers === undefined ? {} : { initContainers: mapItems(given.initContainers, container) }),
  ...(given.volumes === undefined ? {} : { volumes: mapItems(given.volumes, volume) }),
})

function container(given: JsonObject): Fields {
  const image = textOf(given.image)
  const tag = /:([^/@]+)$/.exec(image)?.[1]
  const always = !image.includes('@') && (tag === undefined || tag === 'latest')
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: always ? 'Always' : 'IfNotPresent',
    ...given,
    resources: resources(fieldsOf(given.resources)),
    ...(given.ports === undefined ? {} : { ports: mapItems(given.ports, (port) => ({ protocol: 'TCP', ...port })) }),
    ...within(given, 'livenessProbe', probe),
    ...within(given, 'readinessProbe', probe),
    ...within(given, 'startupProbe', probe),
  }
}

/** A limit without a request is also the request. */
const resources = (given: JsonObject): Fields =>
  given.limits === undefined
    ? { ...given }
    : { ...given, requests: { ...fieldsOf(given.limits), ...fieldsOf(given.requests) } }

const probe = (given: JsonObject): Fields => ({
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
  ...given,
  ...within(given, 'httpGet', (get) => ({ path: '/', scheme: 'HTTP', ...get })),
})

const volume = (given: JsonObject): Fields => ({
  ...given,
  ...within(given, 'configMap', (source) => ({ defaultMode: 420, ...source })),
  ...within(given, 'secret', (source) => ({ defaultMode: 420, ...source })),
  ...within(given, 'hostPath', (source) => ({ type: '', ...source })),
})
