import { canonicalJson } from '../json.ts'
import { controllerOf, controllerReference, type KubeObject } from '../object.ts'
import { type Registry, safeText } from '../registry.ts'
import type { Store } from '../store.ts'
import type { IntOrPercent, Pod, PodTemplate } from '../workloads.ts'

export const isTerminating = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined

const readyCondition = ({ status }: Pod) => status.conditions?.find(({ type }) => type === 'Ready')

export const isReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True'

/** For how many more milliseconds a pod must stay ready to count as available: 0 if it is, undefined while it is not ready. */
export function untilAvailableMs(pod: Pod, minReadySeconds = 0, nowMs: number): number | undefined {
  if (!isReady(pod)) return undefined
  const since = Date.parse(readyCondition(pod)?.lastTransitionTime ?? '')
  return minReadySeconds === 0 ? 0 : Math.max(0, since + minReadySeconds * 1000 - nowMs)
}

/** How many of `pods` are available, and when to look again for those that only need time. */
export function availability(
  pods: readonly Pod[],
  minReadySeconds: number | undefined,
  nowMs: number,
): { readonly available: number; readonly againMs: number | undefined } {
  const waits = pods.map((pod) => untilAvailableMs(pod, minReadySeconds, nowMs)).filter((wait) => wait !== undefined)
  const pending = waits.filter((wait) => wait > 0)
  return { available: waits.length - pending.length, againMs: pending.length > 0 ? Math.min(...pending) : undefined }
}

/** Pods that `owner` controls, terminating and finished ones included. */
export const podsOf = (store: Store, owner: KubeObject): readonly Pod[] =>
  store.list('Pod', owner.metadata.namespace).filter((pod) => controllerOf(pod)?.uid === owner.metadata.uid)

/** Whether a pod counts towards its owner's replicas. */
export const isActive = (pod: Pod): boolean =>
  !isTerminating(pod) && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed'

/** A name for a template's content, in the form of the real `pod-template-hash`: equal templates, equal hashes. */
export function templateHash(template: PodTemplate): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(canonicalJson(template))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return safeText(hash)
}

/** Creates a pod from a template under its controller. `metadata.name` is complete, or ends in `-` to be completed. */
export function createPod(
  registry: Registry,
  owner: KubeObject,
  template: PodTemplate,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Pod {
  const { annotations, labels: templateLabels } = template.metadata ?? {}
  return registry.create('Pod', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(name.endsWith('-') ? { name: '', generateName: name } : { name }),
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      labels: { ...templateLabels, ...labels },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  })
}

/** Resolves a number or percentage of `total`, rounding a percentage as the controller that asks does. */
export function resolveCount(value: IntOrPercent, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const exact = (Number.parseFloat(value) * total) / 100
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact)
}
