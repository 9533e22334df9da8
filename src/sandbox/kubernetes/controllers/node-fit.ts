import { parseQuantity } from '../quantity.ts'
import type { Node, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../workloads.ts'

type Amounts = ReadonlyMap<string, number>

/** What a pod asks of a node: the sum of its containers' requests, per resource, in base units. */
function requestsOf({ containers }: PodSpec): Amounts {
  const sums = new Map<string, number>()
  for (const { resources } of containers) {
    for (const [name, amount] of Object.entries(resources?.requests ?? {})) {
      sums.set(name, (sums.get(name) ?? 0) + (parseQuantity(amount) ?? 0))
    }
  }
  return sums
}

/** Resources that `node` has too little of for another pod, given the pods that it runs. */
export function insufficient(spec: PodSpec, node: Node, running: readonly Pod[]): readonly string[] {
  const allocatable = node.status.allocatable ?? {}
  const slots = parseQuantity(allocatable.pods ?? '')
  const full = slots !== undefined && running.length >= slots ? ['pods'] : []
  const short = [...requestsOf(spec)].filter(([name, asked]) => {
    const used = running.reduce((total, pod) => total + (requestsOf(pod.spec).get(name) ?? 0), 0)
    return used + asked > (parseQuantity(allocatable[name] ?? '0') ?? 0)
  })
  return [...full, ...short.map(([name]) => name)]
}

export const isNodeReady = ({ status }: Node): boolean =>
  status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'

/** Whether the pod's node selector and required node affinity admit the node. */
export function nodeSelected(spec: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || required.nodeSelectorTerms.some((term) => termMatches(term, node))
}

function termMatches({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  const matches = (value: string | undefined, operator: string, values: readonly string[]): boolean => {
    if (operator === 'In') return value !== undefined && values.includes(value)
    if (operator === 'NotIn') return value === undefined || !values.includes(value)
    if (operator === 'Exists') return value !== undefined
    return operator === 'DoesNotExist' && value === undefined
  }
  return (
    matchExpressions.every(({ key, operator, values = [] }) =>
      matches(node.metadata.labels?.[key], operator, values),
    ) &&
    matchFields.every(({ key, operator, values = [] }) =>
      matches(key === 'metadata.name' ? node.metadata.name : undefined, operator, values),
    )
  )
}

const tolerates = (
  tolerations: readonly Toleration[],
  taint: { key: string; value?: string; effect: string },
): boolean =>
  tolerations.some(
    ({ key, operator = 'Equal', value, effect }) =>
      (key === undefined || key === taint.key) &&
      (effect === undefined || effect === taint.effect) &&
      (operator === 'Exists' || (value ?? '') === (taint.value ?? '')),
  )

/** Taints of the node that keep the pod away, those that the control plane derives from its state included. */
export function untolerated({ tolerations = [] }: PodSpec, node: Node): string | undefined {
  const derived = [
    ...(node.spec.unschedulable ? [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] : []),
    ...(isNodeReady(node) ? [] : [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]),
  ]
  const hard = (node.spec.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule')
  return [...hard, ...derived].find((taint) => !tolerates(tolerations, taint))?.key
}
