import type { PodFacts } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { FindingBody } from '../domain/finding.ts'
import { formatBytes } from '../domain/units.ts'
import { ifAnswered, valueNow } from './ask-metrics.ts'
import type { CheckContext } from './check.ts'
import { fact } from './facts.ts'
import { memoryLimit } from './memory-limit.ts'
import { bindingOf, bindingText, isPressed } from './node-binding.ts'
import { nodeLimits } from './node-limits.ts'

/** PromQL that stands in for node objects. */
export interface InsteadOfNodes {
  readonly allocatable?: string
  readonly machineMemory?: string
  readonly daemonSets?: string
}

/**
 * What a node can give where no node object tells, as with a managed endpoint: as metrics say, else by GKE's formula. `reason` is why
 * there is no node object. Throws `SourceError` where metrics do not say either.
 */
export async function nodeWithoutObject(
  context: CheckContext,
  instead: InsteadOfNodes,
  used: ReadonlyMap<string, number> | undefined,
  reason: SourceError,
): Promise<FindingBody> {
  const { service } = context
  const ask = async (expression: string | undefined) =>
    expression === undefined ? undefined : ifAnswered(valueNow(context, expression))
  const [limits, machineBytes, daemonSetBytes, pods] = await Promise.all([
    nodeLimits(context, undefined, instead),
    ask(instead.machineMemory),
    ask(instead.daemonSets),
    ifAnswered(podsOf(context)),
  ])
  const node = limits.of(undefined)
  if (node === undefined) {
    const source = service.metrics?.source ?? service.name
    throw new SourceError('missing', source, `${reason.message} ${source} does not say either what a node has.`)
  }
  const { count, usedBytes } = busiestNode(pods ?? [], used)
  const { allocatableBytes } = node
  const forUsBytes = allocatableBytes - (daemonSetBytes ?? 0)
  const binding = bindingOf(await limitOf(context, pods ?? []), forUsBytes / count)
  const leftBytes = usedBytes === undefined ? undefined : forUsBytes - usedBytes
  const pressed = leftBytes === undefined ? undefined : isPressed(leftBytes, allocatableBytes)
  const problem = binding.binding === 'node_allocatable' && pressed === true
  const bytes = (value: number) => formatBytes(value, service.units)
  return {
    verdict: problem ? 'problem' : 'clear',
    ...(problem && { severity: 'high' as const }),
    headline: `A node has ${bytes(allocatableBytes)} to give${machineBytes === undefined ? '' : ` of ${bytes(machineBytes)}`} by ${node.from}, not by a node object; ${bindingText(binding, service)}`,
    details: [
      `There is no node object to read: ${reason.message}`,
      daemonSetBytes === undefined
        ? 'What DaemonSets request on a node is not known and not subtracted.'
        : `DaemonSets request ${bytes(daemonSetBytes)} of it.`,
      ...(usedBytes === undefined ? [] : [`Used by ${service.name} on its fullest node: ${bytes(usedBytes)}.`]),
      ...(count > 1 ? [`Its fullest node runs ${count} pods of it.`] : []),
    ],
    facts: [
      ...fact('headroom', 'Node memory left', 'bytes', leftBytes),
      ...fact('allocatable', 'Allocatable', 'bytes', allocatableBytes),
      ...fact('capacity', 'Capacity', 'bytes', machineBytes),
      ...fact('used', 'Used by the service', 'bytes', usedBytes),
      ...fact(
        'binding',
        'What binds first',
        'text',
        binding.binding === 'container_limit' ? 'container limit' : 'node',
      ),
      ...fact('bindingBytes', 'What a pod can use', 'bytes', binding.bindingBytes),
    ],
    signals: { binding: binding.binding, ...(pressed !== undefined && { node: pressed ? 'pressed' : 'roomy' }) },
    charts: [],
  }
}

async function podsOf({ service, sources, signal }: CheckContext): Promise<readonly PodFacts[]> {
  const [workload] = service.workloads
  if (workload === undefined) return []
  const { value } = await sources.cluster(workload.cluster).pods(workload, signal)
  return value.filter((pod) => pod.phase !== 'Succeeded' && pod.phase !== 'Failed')
}

/** Where nobody says which replica is on which node, each is taken to have its own. */
function busiestNode(
  pods: readonly PodFacts[],
  used: ReadonlyMap<string, number> | undefined,
): { readonly count: number; readonly usedBytes: number | undefined } {
  const nodes = new Map<string, { count: number; bytes: number }>()
  for (const { name, node } of pods) {
    if (node === undefined) continue
    const { count, bytes } = nodes.get(node) ?? { count: 0, bytes: 0 }
    nodes.set(node, { count: count + 1, bytes: bytes + (used?.get(name) ?? 0) })
  }
  const [fullest] = [...nodes.values()].sort((a, b) => b.bytes - a.bytes || b.count - a.count)
  const ofOne = used === undefined || used.size === 0 ? undefined : Math.max(...used.values())
  // A metric that names replicas otherwise than by their pods tells nothing of nodes.
  return { count: fullest?.count ?? 1, usedBytes: fullest !== undefined && fullest.bytes > 0 ? fullest.bytes : ofOne }
}

async function limitOf(context: CheckContext, pods: readonly PodFacts[]): Promise<number> {
  const { metrics } = context.service
  const limits = pods.flatMap((pod) => pod.memoryLimitBytes ?? [])
  if (limits.length > 0) return Math.min(...limits)
  const stated = metrics && (await ifAnswered(memoryLimit(context, metrics)))
  return stated?.bytes ?? Number.POSITIVE_INFINITY
}
