import { gkeAllocatableBytes } from '../analysis/allocatable.ts'
import { ifAnswered, valueNow } from './ask-metrics.ts'
import type { CheckContext } from './check.ts'
import type { PodOf } from './kill-evidence.ts'

/** What a node can give to pods, in bytes, and who says so. */
export interface NodeLimit {
  readonly allocatableBytes: number
  readonly daemonSetBytes: number
  readonly from: string
}

export interface NodeLimits {
  /** Of the node that a replica is on; where that is not known, of any node. */
  of(node: string | undefined): NodeLimit | undefined
}

/** The node objects; else the expression for allocatable; else GKE's formula on the machine's memory. */
export async function nodeLimits(
  context: CheckContext,
  pods: readonly PodOf[] | undefined,
  expressions: { readonly allocatable?: string | undefined; readonly machineMemory?: string | undefined },
): Promise<NodeLimits> {
  const { allocatable, machineMemory } = expressions
  const [byNode, given, machine] = await Promise.all([
    fromCluster(context, pods ?? []),
    allocatable === undefined ? undefined : ifAnswered(valueNow(context, allocatable)),
    machineMemory === undefined ? undefined : ifAnswered(valueNow(context, machineMemory)),
  ])
  const fallback =
    limit(given, 'metrics') ?? limit(machine === undefined ? undefined : gkeAllocatableBytes(machine), 'GKE’s formula')
  return { of: (node) => (node === undefined ? undefined : byNode.get(node)) ?? fallback }
}

function limit(allocatableBytes: number | undefined, from: string): NodeLimit | undefined {
  return allocatableBytes === undefined ? undefined : { allocatableBytes, daemonSetBytes: 0, from }
}

async function fromCluster(context: CheckContext, pods: readonly PodOf[]): Promise<ReadonlyMap<string, NodeLimit>> {
  const clusters = [...new Set(pods.map((pod) => pod.workload.cluster))]
  const answers = await Promise.all(
    clusters.map(async (cluster) => {
      const here = pods.filter((pod) => pod.workload.cluster === cluster)
      const names = [...new Set(here.flatMap((pod) => pod.node ?? []))].sort()
      if (names.length === 0) return []
      return (await ifAnswered(context.sources.cluster(cluster).nodes(names, context.signal)))?.value ?? []
    }),
  )
  return new Map(
    answers.flat().map((node) => {
      const { allocatableBytes, daemonSetRequestedBytes } = node
      return [node.name, { allocatableBytes, daemonSetBytes: daemonSetRequestedBytes, from: `node ${node.name}` }]
    }),
  )
}
