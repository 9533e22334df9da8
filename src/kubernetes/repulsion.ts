import type { V1LabelSelector, V1PodAffinityTerm } from '@kubernetes/client-node'
import { selects } from './selectors.ts'

type Labels = Readonly<Record<string, string>>

/** A pod as others that keep away from it see it. */
export interface Neighbour {
  readonly namespace: string
  readonly labels: Labels
}

/** Pods that a pod keeps away from: none of them may be on a node with the same value of the label `topologyKey`. */
export interface Repulsion {
  readonly topologyKey: string
  readonly repels: (neighbour: Neighbour) => boolean
  /** Whether pods of its own kind repel each other, so that there is room for one in each place. */
  readonly itself: boolean
}

/**
 * A required anti-affinity of a pod. Where it names namespaces by their labels, which nobody asked for, it counts for all of them. Labels that
 * only come with a revision (`matchLabelKeys: [pod-template-hash]`) tell the pods of a new revision from all that are there.
 */
export function repulsionOf(own: Neighbour, term: V1PodAffinityTerm): Repulsion {
  const { topologyKey, labelSelector, namespaces = [], namespaceSelector, matchLabelKeys = [] } = term
  const inScope = (namespace: string): boolean =>
    namespaceSelector !== undefined ||
    (namespaces.length === 0 ? namespace === own.namespace : namespaces.includes(namespace))
  const ofRevision = matchLabelKeys.some((key) => !Object.hasOwn(own.labels, key))
  const selector = withKeys(labelSelector, own.labels, matchLabelKeys)
  const repels = ({ namespace, labels }: Neighbour): boolean => inScope(namespace) && selects(selector, labels)
  return { topologyKey, repels: (neighbour) => !ofRevision && repels(neighbour), itself: repels(own) }
}

function withKeys(
  selector: V1LabelSelector | undefined,
  labels: Labels,
  keys: readonly string[],
): V1LabelSelector | undefined {
  const also = keys.flatMap((key) =>
    Object.hasOwn(labels, key) ? [{ key, operator: 'In', values: [labels[key] ?? ''] }] : [],
  )
  if (selector === undefined) return undefined
  const { matchLabels = {}, matchExpressions = [] } = selector
  return { matchLabels, matchExpressions: [...matchExpressions, ...also] }
}
