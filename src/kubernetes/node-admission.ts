import type { V1NodeSelectorTerm, V1Taint, V1Toleration } from '@kubernetes/client-node'
import { meets } from './selectors.ts'

/** What decides whether a node may take a pod at all, however empty it is. */
export interface NodeTraits {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly V1Taint[]
  readonly cordoned: boolean
  /** Whether its kubelet reports; a node that fell silent is tainted before long. */
  readonly ready: boolean
}

/** What a pod asks for in a node. */
export interface NodeWish {
  readonly nodeSelector: Readonly<Record<string, string>>
  /** Terms of the required node affinity, one of which must match; undefined where it requires nothing. */
  readonly terms: readonly V1NodeSelectorTerm[] | undefined
  readonly tolerations: readonly V1Toleration[]
}

/** As the scheduler filters: not cordoned, ready, chosen by selector and required affinity, and no hard taint that is not tolerated. */
export function admits(node: NodeTraits, { nodeSelector, terms, tolerations }: NodeWish): boolean {
  return (
    !node.cordoned &&
    node.ready &&
    Object.entries(nodeSelector).every(([key, value]) => labelOf(node, key) === value) &&
    (terms === undefined || terms.some((term) => matches(term, node))) &&
    node.taints.every((taint) => taint.effect === 'PreferNoSchedule' || tolerated(taint, tolerations))
  )
}

/** A term without any requirement matches nothing. */
function matches({ matchExpressions = [], matchFields = [] }: V1NodeSelectorTerm, node: NodeTraits): boolean {
  return (
    matchExpressions.length + matchFields.length > 0 &&
    matchExpressions.every(({ key, operator, values = [] }) => meets(labelOf(node, key), operator, values)) &&
    matchFields.every(({ key, operator, values = [] }) =>
      meets(key === 'metadata.name' ? node.name : undefined, operator, values),
    )
  )
}

function tolerated(taint: V1Taint, tolerations: readonly V1Toleration[]): boolean {
  return tolerations.some(
    ({ key = '', operator = 'Equal', value = '', effect = '' }) =>
      (effect === '' || effect === taint.effect) &&
      (key === '' ? operator === 'Exists' : key === taint.key) &&
      (operator === 'Exists' || (operator === 'Equal' && value === (taint.value ?? ''))),
  )
}

function labelOf({ labels }: NodeTraits, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}
