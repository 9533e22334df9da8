import { fieldsOf, textOf } from '../json.ts'
import type { KubeObject, LabelSelector } from '../object.ts'
import { selectorText } from '../selectors.ts'
import type { Kind, Node, Pod, PodTemplate } from '../workloads.ts'
import { ageText, podStatusText } from './printed-text.ts'

/** One column of `kubectl get`; `wide` ones are printed with `-o wide` only. */
export interface Column {
  readonly name: string
  readonly type?: 'string' | 'integer'
  readonly wide?: boolean
  readonly cell: (object: KubeObject, nowMs: number) => string | number
}

const count = (object: KubeObject, part: 'spec' | 'status', field: string): number =>
  Number(fieldsOf(object[part])[field] ?? 0)

const name: Column = { name: 'Name', cell: ({ metadata }) => metadata.name }
const age: Column = { name: 'Age', cell: ({ metadata }, nowMs) => ageText(metadata.creationTimestamp, nowMs) }

const number = (title: string, part: 'spec' | 'status', field: string): Column => ({
  name: title,
  type: 'integer',
  cell: (object) => count(object, part, field),
})

const ready: Column = {
  name: 'Ready',
  cell: (object) => `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`,
}

const containersOf = (object: KubeObject) => {
  // Only workloads have these columns, and all of them have a template.
  const { template } = object.spec as { template: PodTemplate }
  return template.spec.containers
}

const workload: readonly Column[] = [
  {
    name: 'Containers',
    wide: true,
    cell: (object) =>
      containersOf(object)
        .map((item) => item.name)
        .join(','),
  },
  {
    name: 'Images',
    wide: true,
    cell: (object) =>
      containersOf(object)
        .map((item) => item.image)
        .join(','),
  },
]
const selector: Column = {
  name: 'Selector',
  wide: true,
  // Validation made sure that a workload has a selector.
  cell: (object) => selectorText(fieldsOf(object.spec).selector as LabelSelector),
}

const pod = (title: string, cell: (object: Pod, nowMs: number) => string, wide = false): Column => ({
  name: title,
  wide,
  // Pod columns are applied to pods only.
  cell: (object, nowMs) => cell(object as Pod, nowMs),
})
const node = (title: string, cell: (object: Node) => string, wide = false): Column => ({
  name: title,
  wide,
  // Node columns are applied to nodes only.
  cell: (object) => cell(object as Node),
})
const nodeInfo = (object: Node, field: string): string => textOf(fieldsOf(object.status.nodeInfo)[field])
const statuses = ({ status }: Pod) => status.containerStatuses ?? []

function restartsText(object: Pod, nowMs: number): string {
  const restarts = statuses(object).reduce((total, { restartCount }) => total + restartCount, 0)
  const finished = statuses(object).flatMap(({ lastState }) => lastState.terminated?.finishedAt ?? [])
  const last = finished.sort().at(-1)
  return restarts > 0 && last ? `${restarts} (${ageText(last, nowMs)} ago)` : String(restarts)
}

/** What an autoscaler aims at; no metric has a value here. */
const targetsText = (metrics: unknown): string =>
  (Array.isArray(metrics) ? metrics : [])
    .map(fieldsOf)
    .map(({ type, resource }) => {
      const { name: metric, target } = fieldsOf(resource)
      const percent = fieldsOf(target).averageUtilization
      return percent === undefined ? `<unknown> (${textOf(type)})` : `${textOf(metric)}: <unknown>/${textOf(percent)}%`
    })
    .join(', ')

const COLUMNS: Partial<Record<Kind, readonly Column[]>> = {
  Deployment: [
    name,
    ready,
    number('Up-to-date', 'status', 'updatedReplicas'),
    number('Available', 'status', 'availableReplicas'),
    age,
    ...workload,
    selector,
  ],
  ReplicaSet: [
    name,
    number('Desired', 'spec', 'replicas'),
    number('Current', 'status', 'replicas'),
    number('Ready', 'status', 'readyReplicas'),
    age,
    ...workload,
    selector,
  ],
  StatefulSet: [name, ready, age, ...workload],
  DaemonSet: [
    name,
    number('Desired', 'status', 'desiredNumberScheduled'),
    number('Current', 'status', 'currentNumberScheduled'),
    number('Ready', 'status', 'numberReady'),
    number('Up-to-date', 'status', 'updatedNumberScheduled'),
    number('Available', 'status', 'numberAvailable'),
    age,
    ...workload,
    selector,
  ],
  Pod: [
    name,
    pod(
      'Ready',
      (object) => `${statuses(object).filter((status) => status.ready).length}/${object.spec.containers.length}`,
    ),
    pod('Status', podStatusText),
    pod('Restarts', restartsText),
    age,
    pod('IP', ({ status }) => status.podIP ?? '<none>', true),
    pod('Node', ({ spec }) => spec.nodeName ?? '<none>', true),
    pod('Nominated Node', () => '<none>', true),
    pod('Readiness Gates', () => '<none>', true),
  ],
  Node: [
    name,
    node('Status', ({ spec, status }) => {
      const state = status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True' ? 'Ready' : 'NotReady'
      return spec.unschedulable ? `${state},SchedulingDisabled` : state
    }),
    node('Roles', () => '<none>'),
    age,
    node('Version', (object) => nodeInfo(object, 'kubeletVersion')),
    node(
      'Internal-IP',
      ({ status }) => status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '<none>',
      true,
    ),
    node('External-IP', () => '<none>', true),
    node('OS-Image', (object) => nodeInfo(object, 'osImage'), true),
    node('Kernel-Version', (object) => nodeInfo(object, 'kernelVersion'), true),
    node('Container-Runtime', (object) => nodeInfo(object, 'containerRuntimeVersion'), true),
  ],
  Namespace: [name, { name: 'Status', cell: ({ status }) => textOf(fieldsOf(status).phase) }, age],
  ConfigMap: [name, { name: 'Data', cell: ({ data }) => String(Object.keys(fieldsOf(data)).length) }, age],
  ControllerRevision: [
    name,
    {
      name: 'Controller',
      cell: ({ metadata }) =>
        metadata.ownerReferences?.map((owner) => `${owner.kind.toLowerCase()}.apps/${owner.name}`).join(',') ??
        '<none>',
    },
    { name: 'Revision', type: 'integer', cell: ({ revision }) => Number(revision) },
    age,
  ],
  PodDisruptionBudget: [
    name,
    { name: 'Min Available', cell: ({ spec }) => textOf(fieldsOf(spec).minAvailable ?? 'N/A') },
    { name: 'Max Unavailable', cell: ({ spec }) => textOf(fieldsOf(spec).maxUnavailable ?? 'N/A') },
    number('Allowed Disruptions', 'status', 'disruptionsAllowed'),
    age,
  ],
  HorizontalPodAutoscaler: [
    name,
    {
      name: 'Reference',
      cell: ({ spec }) => {
        const target = fieldsOf(fieldsOf(spec).scaleTargetRef)
        return `${textOf(target.kind)}/${textOf(target.name)}`
      },
    },
    { name: 'Targets', cell: ({ spec }) => targetsText(fieldsOf(spec).metrics) },
    { name: 'MinPods', cell: ({ spec }) => textOf(fieldsOf(spec).minReplicas ?? '<unset>') },
    number('MaxPods', 'spec', 'maxReplicas'),
    number('Replicas', 'status', 'currentReplicas'),
    age,
  ],
  Event: [
    { name: 'Last Seen', cell: ({ lastTimestamp }, nowMs) => ageText(textOf(lastTimestamp), nowMs) },
    { name: 'Type', cell: ({ type }) => textOf(type) },
    { name: 'Reason', cell: ({ reason }) => textOf(reason) },
    {
      name: 'Object',
      cell: ({ involvedObject }) =>
        `${textOf(fieldsOf(involvedObject).kind).toLowerCase()}/${textOf(fieldsOf(involvedObject).name)}`,
    },
    { name: 'Message', cell: ({ message }) => textOf(message) },
    { ...name, wide: true },
  ],
}

export const columnsOf = (kind: Kind): readonly Column[] => COLUMNS[kind] ?? [name, age]
