const GIB = 2 ** 30
const EVICTION_BYTES = 100 * 2 ** 20

/** Share of each slice of memory that GKE keeps for the kubelet and the container runtime. */
const RESERVED = [
  { upToBytes: 4 * GIB, share: 0.25 },
  { upToBytes: 8 * GIB, share: 0.2 },
  { upToBytes: 16 * GIB, share: 0.1 },
  { upToBytes: 128 * GIB, share: 0.06 },
  { upToBytes: Number.POSITIVE_INFINITY, share: 0.02 },
] as const

/**
 * What a GKE node of this size can give to pods, DaemonSets included: its memory less what is reserved and less the 100 MiB below
 * which the kubelet evicts. `memTotalBytes` is what the kernel sees (`MemTotal`), 0.2 to 0.3 GiB less than the machine type's nominal
 * size. `node.status.allocatable` is better wherever there is a node object; this is for managed endpoints that show none.
 *
 * Source: "Plan GKE Standard node sizes", cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes. Machines with less than
 * 1 GiB, of which GKE keeps a flat 255 MiB, serve no models and are not treated apart.
 */
export function gkeAllocatableBytes(memTotalBytes: number): number {
  let reserved = 0
  let from = 0
  for (const { upToBytes, share } of RESERVED) {
    reserved += share * Math.max(0, Math.min(memTotalBytes, upToBytes) - from)
    from = upToBytes
  }
  return Math.max(0, memTotalBytes - reserved - EVICTION_BYTES)
}
