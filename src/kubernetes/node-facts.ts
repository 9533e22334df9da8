import type { V1Node, V1Pod, V1PodTemplateSpec } from '@kubernetes/client-node'
import type { Amounts } from './pod-requests.ts'
import { add, amounts, requestsOf } from './pod-requests.ts'
import type { Neighbour } from './repulsion.ts'
import { repulsionOf } from './repulsion.ts'
import type { NodeRoom, PodWish } from './room.ts'

/** What a pod of this template asks for. */
export function wishOf(namespace: string, { metadata, spec }: V1PodTemplateSpec): PodWish {
  const own = { namespace, labels: metadata?.labels ?? {} }
  const apart = spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
  return {
    requests: requestsOf(spec),
    nodeSelector: spec?.nodeSelector ?? {},
    terms: spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    tolerations: spec?.tolerations ?? [],
    repulsions: apart.map((term) => repulsionOf(own, term)),
  }
}

/** What each node has left beside the pods that are bound to it and have not ended. */
export function nodeRooms(nodes: readonly V1Node[], pods: readonly V1Pod[]): readonly NodeRoom[] {
  const bound = new Map<string, V1Pod[]>()
  for (const pod of pods) {
    const { spec, status } = pod
    if (spec?.nodeName === undefined || status?.phase === 'Succeeded' || status?.phase === 'Failed') continue
    bound.set(spec.nodeName, [...(bound.get(spec.nodeName) ?? []), pod])
  }
  return nodes.map((node) => nodeRoom(node, bound.get(node.metadata?.name ?? '') ?? []))
}

function nodeRoom({ metadata, spec, status }: V1Node, pods: readonly V1Pod[]): NodeRoom {
  const used = add(...pods.map((pod) => requestsOf(pod.spec)), new Map([['pods', pods.length]]))
  return {
    name: metadata?.name ?? '',
    labels: metadata?.labels ?? {},
    taints: spec?.taints ?? [],
    cordoned: spec?.unschedulable === true,
    ready: status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True',
    free: left(amounts(status?.allocatable), used),
    pods: pods.map(neighbour),
  }
}

function left(allocatable: Amounts, used: Amounts): Amounts {
  return new Map([...allocatable].map(([resource, amount]) => [resource, amount - (used.get(resource) ?? 0)]))
}

function neighbour({ metadata }: V1Pod): Neighbour {
  return { namespace: metadata?.namespace ?? '', labels: metadata?.labels ?? {} }
}
