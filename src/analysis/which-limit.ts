import { median } from './memory/numbers.ts'
import { rangeOf } from './points.ts'

/** Memory is sampled once a minute or less, so what killed is met within this share. */
const WITHIN = 0.05

export type Killer = 'at_container_limit' | 'killed_within_5pct_of_allocatable' | 'killed_elsewhere'

/** What is known of the memory around one kill, in bytes. */
export interface KillLevel {
  /** Of the replica, just before. */
  readonly bytes: number
  readonly containerLimitBytes: number | undefined
  /** Of all of the service's replicas on that node, just before; the replica's own where nothing else is known. */
  readonly onNodeBytes: number
  readonly allocatableBytes: number | undefined
  /** Of that, what DaemonSets ask for. */
  readonly daemonSetBytes: number
}

/** What a replica had reached when it was killed, and what it ran into there. */
export interface KillVerdict {
  readonly killer: Killer
  /** Memory that counts towards what killed: the replica's for its own limit, the node's for the node's. */
  readonly bytes: number
  /** What it ran into; undefined where it ran into nothing. */
  readonly bindingBytes: number | undefined
}

/**
 * Which limit a kill ran into. A node counts from what it can give without its DaemonSets up to all that it can give. Where both limits
 * were reached, the lower one killed. Undefined where no limit is known, for then nothing can be told.
 */
export function whichLimit(level: KillLevel): KillVerdict | undefined {
  const { bytes, containerLimitBytes, onNodeBytes, allocatableBytes, daemonSetBytes } = level
  if (containerLimitBytes === undefined && allocatableBytes === undefined) return undefined
  const atContainer = containerLimitBytes !== undefined && bytes >= (1 - WITHIN) * containerLimitBytes
  const atNode = allocatableBytes !== undefined && onNodeBytes >= (1 - WITHIN) * (allocatableBytes - daemonSetBytes)
  if (atNode && !(atContainer && containerLimitBytes <= allocatableBytes))
    return { killer: 'killed_within_5pct_of_allocatable', bytes: onNodeBytes, bindingBytes: allocatableBytes }
  if (atContainer) return { killer: 'at_container_limit', bytes, bindingBytes: containerLimitBytes }
  return { killer: 'killed_elsewhere', bytes, bindingBytes: undefined }
}

/** What most of the kills ran into; of equally many the one that ran into something. Undefined of none. */
export function mostKills(verdicts: readonly KillVerdict[]):
  | (KillVerdict & {
      readonly kills: number
      readonly range: { readonly low: number; readonly high: number }
    })
  | undefined {
  const order: readonly Killer[] = ['at_container_limit', 'killed_within_5pct_of_allocatable', 'killed_elsewhere']
  const groups = order.map((killer) => verdicts.filter((one) => one.killer === killer))
  const [most = []] = groups.toSorted((a, b) => b.length - a.length)
  const levels = most.map((one) => one.bytes)
  const range = rangeOf(levels)
  const [first] = most
  if (first === undefined || range === undefined) return undefined
  const bindings = most.flatMap((one) => one.bindingBytes ?? [])
  return {
    killer: first.killer,
    kills: most.length,
    bytes: median(levels),
    range,
    bindingBytes: bindings.length === 0 ? undefined : median(bindings),
  }
}
