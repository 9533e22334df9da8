import type { Room } from '../remediations/cluster.ts'
import type { NodeTraits, NodeWish } from './node-admission.ts'
import { admits } from './node-admission.ts'
import type { Amounts } from './pod-requests.ts'
import type { Neighbour, Repulsion } from './repulsion.ts'

/** A node and what it has left: what it may give, without what the pods bound to it ask for. "pods" is a resource like the others. */
export interface NodeRoom extends NodeTraits {
  readonly free: Amounts
  readonly pods: readonly Neighbour[]
}

/** A pod to be placed. */
export interface PodWish extends NodeWish {
  readonly requests: Amounts
  readonly repulsions: readonly Repulsion[]
}

/** Sums of tenths of cores are off by less than this. */
const ROUNDING = 1e-9

/**
 * How many of `count` pods fit, each whole on one node, the roomiest first. Topology spread, volumes that belong to a zone and host ports are
 * not looked at: there may be less room than this says.
 */
export function roomFor(wish: PodWish, nodes: readonly NodeRoom[], count: number): Room {
  const asked: Amounts = new Map([...wish.requests, ['pods', 1]])
  const crowded = wish.repulsions.map((repulsion) => placesWith(repulsion, nodes))
  const candidates = nodes.filter((node) => admits(node, wish))
  const open = candidates
    .filter((node) => !crowded.some((places) => places(node)))
    .sort((a, b) => closeness(b, asked) - closeness(a, asked) || freeOf(b, 'memory') - freeOf(a, 'memory'))
  const [roomiest] = open
  return {
    fits: Math.min(count, placed(open, asked, wish.repulsions)),
    requestBytes: wish.requests.get('memory') ?? 0,
    requestCpu: wish.requests.get('cpu') ?? 0,
    roomiest: roomiest && {
      node: roomiest.name,
      freeBytes: Math.max(0, freeOf(roomiest, 'memory')),
      freeCpu: Math.max(0, freeOf(roomiest, 'cpu')),
    },
    candidates: candidates.length,
    crowded: candidates.length - open.length,
  }
}

/** Which nodes share a place with a pod that repels. A node without the label is in no place. */
function placesWith({ topologyKey, repels }: Repulsion, nodes: readonly NodeRoom[]): (node: NodeRoom) => boolean {
  const places = new Set(nodes.filter(({ pods }) => pods.some(repels)).map(({ labels }) => labels[topologyKey]))
  places.delete(undefined)
  return ({ labels }) => places.has(labels[topologyKey])
}

/** All pods are alike, so that a node can be filled before the next: up to what it has, or with one where they repel each other. */
function placed(nodes: readonly NodeRoom[], asked: Amounts, repulsions: readonly Repulsion[]): number {
  const ownPlaces = repulsions.filter(({ itself }) => itself).map(({ topologyKey }) => topologyKey)
  const taken = new Set<string>()
  let sum = 0
  for (const node of nodes) {
    const places = ownPlaces.flatMap((key) => (node.labels[key] === undefined ? [] : `${key}=${node.labels[key]}`))
    if (places.some((place) => taken.has(place))) continue
    const holds = Math.max(0, Math.floor(closeness(node, asked)))
    if (holds === 0) continue
    for (const place of places) taken.add(place)
    sum += places.length > 0 ? 1 : holds
  }
  return sum
}

/** How often the node could give what is asked for, by the resource that it is shortest of. */
function closeness(node: NodeRoom, asked: Amounts): number {
  return Math.min(
    ...[...asked].filter(([, amount]) => amount > 0).map(([name, amount]) => (freeOf(node, name) + ROUNDING) / amount),
  )
}

/** A resource that a node does not name is one that it has not. */
function freeOf({ free }: NodeRoom, name: string): number {
  return free.get(name) ?? 0
}
