import type { ObservedPod, PodIdentity } from './cluster.ts'
import { count, names } from './words.ts'

/** What an ordered restart does next. */
export type Move =
  /** `begins`: none has gone yet. */
  | { readonly do: 'evict'; readonly pod: PodIdentity; readonly begins: boolean }
  | { readonly do: 'wait'; readonly for: string }
  | { readonly do: 'done' }

/**
 * The order in which pods go, fixed before the first one does: a pod that serves nobody, then the one that was asked for, then by name, the
 * highest first, as a StatefulSet itself would.
 *
 * It is kept to strictly. Whoever looks at an older state of the cluster then only picks a pod that has gone already, so that even two who
 * follow the same restart never take two pods at a time.
 */
export function evictionOrder(pods: readonly ObservedPod[], first: string | undefined): readonly PodIdentity[] {
  const rank = ({ ready, name }: ObservedPod): number => (ready ? (name === first ? 1 : 2) : 0)
  return pods
    .filter(({ terminating }) => !terminating)
    .toSorted((a, b) => rank(a) - rank(b) || b.name.localeCompare(a.name, 'en', { numeric: true }))
    .map(({ name, uid }) => ({ name, uid }))
}

/** Those in the order that still run as they were. */
export function stillOld(order: readonly PodIdentity[], pods: readonly ObservedPod[]): readonly PodIdentity[] {
  return order.filter(({ uid }) => pods.some((pod) => pod.uid === uid))
}

/** The next pod goes only while all others are there and ready. */
export function nextMove(order: readonly PodIdentity[], pods: readonly ObservedPod[], replicas: number): Move {
  const old = stillOld(order, pods)
  const [next] = old
  const others = pods.filter(({ uid }) => uid !== next?.uid)
  const stopping = pods.filter(({ terminating }) => terminating)
  if (stopping.length > 0) return { do: 'wait', for: `${names(stopping.map(({ name }) => name))} to stop` }
  const unready = others.filter(({ ready }) => !ready)
  if (unready.length > 0) return { do: 'wait', for: `${names(unready.map(({ name }) => name))} to be ready` }
  if (pods.length < replicas) return { do: 'wait', for: `${count(replicas - pods.length, 'more pod')} to be made` }
  return next === undefined ? { do: 'done' } : { do: 'evict', pod: next, begins: old.length === order.length }
}
