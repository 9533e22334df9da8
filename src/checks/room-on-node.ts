import type { NodeFacts } from '../datasources/datasource.ts'
import { ifAnswered } from './ask-metrics.ts'
import type { CheckContext } from './check.ts'

/** Whoever asks can do without the answer, so a cluster that hangs holds nobody up for longer. */
const PATIENCE_MS = 1_000

/**
 * Bytes that the node of a replica can give to pods other than DaemonSets. Undefined where the replica is no pod of the service's first
 * workload, where the cluster does not say, or not soon.
 */
export async function roomOnNode(context: CheckContext, replica: string): Promise<number | undefined> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS)
  })
  try {
    // Not by a signal of its own: the same question may be shared with a check that has more time.
    const node = await Promise.race([ifAnswered(nodeOf(context, replica)), patience])
    return node && node.allocatableBytes - node.daemonSetRequestedBytes
  } finally {
    clearTimeout(timer)
  }
}

async function nodeOf({ service, sources, signal }: CheckContext, replica: string): Promise<NodeFacts | undefined> {
  const [workload] = service.workloads
  if (workload === undefined) return undefined
  const cluster = sources.cluster(workload.cluster)
  const { value: pods } = await cluster.pods(workload, signal)
  const node = pods.find((pod) => pod.name === replica)?.node
  if (node === undefined) return undefined
  return (await cluster.nodes([node], signal)).value.find((one) => one.name === node)
}
