import { z } from 'zod'
import { promql } from '../config/fields.ts'
import type { NodeFacts, PodFacts } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Fact, FindingBody } from '../domain/finding.ts'
import { expand } from '../domain/promql.ts'
import type { Service } from '../domain/service.ts'
import { formatBytes, formatShare } from '../domain/units.ts'
import type { CheckContext } from './check.ts'
import { defineCheck } from './check.ts'
import type { Binding } from './node-binding.ts'
import { bindingOf, bindingText, isPressed } from './node-binding.ts'
import { nodeWithoutObject } from './node-without-object.ts'

/** A DaemonSet may be on hundreds of nodes, each of which costs two requests. */
const CLOSE_UP = 10

/** What the nodes can really give (allocatable, not capacity), what is asked of them, and whether the container's limit or the node binds first. */
export const nodeAllocatable = defineCheck({
  name: 'node-allocatable',
  title: 'Node memory',
  parameters: z.strictObject({
    allocatable: promql.describe('What a node can give to pods, in bytes, where no node object tells.').exactOptional(),
    machineMemory: promql
      .describe(
        'Memory of a GKE node in bytes (MemTotal), where neither a node object nor allocatable tells: GKE’s formula is used.',
      )
      .exactOptional(),
    daemonSets: promql
      .describe('What DaemonSets request on a node, in bytes, where no node object tells.')
      .exactOptional(),
  }),
  signals: { binding: ['container_limit', 'node_allocatable'], node: ['pressed', 'roomy'] },
  facts: ['node', 'capacity', 'allocatable', 'requested', 'used', 'headroom', 'binding', 'bindingBytes'],
  async run(context, instead) {
    const used = memoryByReplica(context)
    try {
      return await fromNodeObjects(context, used)
    } catch (error) {
      const isGiven = instead.allocatable !== undefined || instead.machineMemory !== undefined
      if (!isGiven || !hasNoNodeObject(error)) throw error
      return nodeWithoutObject(context, instead, await used, error)
    }
  },
})

/** No cluster, no right to read nodes, or no pod on one. A cluster that is slow or down may have them. */
function hasNoNodeObject(error: unknown): error is SourceError {
  return error instanceof SourceError && ['not-configured', 'forbidden', 'missing'].includes(error.kind)
}

async function fromNodeObjects(context: CheckContext, memory: Promise<MemoryByReplica>): Promise<FindingBody> {
  const [{ workload, cluster, all }, used] = await Promise.all([podsOf(context), memory])
  const pods = all.filter((pod) => pod.phase !== 'Succeeded' && pod.phase !== 'Failed')
  const names = busiestNodes(pods, used)
  const closeUp = names.slice(0, CLOSE_UP)
  if (closeUp.length === 0)
    throw new SourceError('missing', workload.cluster, `No pod of ${workload.kind} ${workload.name} is on a node.`)
  const { value: nodes } = await cluster.nodes(closeUp, context.signal)
  const situations = nodes.map((node) => situationOf(node, pods, used))
  const [tightest, ...others] = situations.sort((a, b) => a.leftBytes - b.leftBytes)
  if (tightest === undefined) throw new SourceError('missing', workload.cluster, 'The cluster named no nodes.')
  return finding(context.service, tightest, others, names.length - closeUp.length)
}

async function podsOf({ service, sources, signal }: CheckContext) {
  const [workload] = service.workloads
  if (workload === undefined)
    throw new SourceError('not-configured', service.name, `${service.name} has no \`workloads\` in incbot.yaml.`)
  const cluster = sources.cluster(workload.cluster)
  const { value: all } = await cluster.pods(workload, signal)
  return { workload, cluster, all }
}

type MemoryByReplica = ReadonlyMap<string, number> | undefined

/** Those on which the service uses most come first; without figures, by name. */
function busiestNodes(pods: readonly PodFacts[], used: MemoryByReplica): readonly string[] {
  const perNode = new Map<string, number>()
  for (const { name, node } of pods)
    if (node !== undefined) perNode.set(node, (perNode.get(node) ?? 0) + (used?.get(name) ?? 0))
  return [...perNode].sort(([a, x], [b, y]) => y - x || a.localeCompare(b)).map(([name]) => name)
}

interface Situation extends Binding {
  readonly node: NodeFacts
  /** Of the service's pods on it; undefined where no metric says. */
  readonly usedBytes: number | undefined
  /** What all of its pods there may use, and what the node can give them. */
  readonly limitsBytes: number
  readonly forUsBytes: number
  /** Allocatable less what is requested, or used where that is more. */
  readonly leftBytes: number
}

function situationOf(node: NodeFacts, pods: readonly PodFacts[], used: MemoryByReplica): Situation {
  const here = pods.filter((pod) => pod.node === node.name)
  // A metric that names replicas otherwise than by their pods says nothing here.
  const known = here.flatMap((pod) => used?.get(pod.name) ?? [])
  const usedBytes = known.length === 0 ? undefined : known.reduce((sum, bytes) => sum + bytes, 0)
  const requestedByUs = here.reduce((sum, pod) => sum + (pod.memoryRequestBytes ?? 0), 0)
  const forUs = node.allocatableBytes - (node.requestedBytes - requestedByUs)
  const limits = here.map((pod) => pod.memoryLimitBytes ?? Number.POSITIVE_INFINITY)
  const limit = Math.min(...limits)
  const perPod = forUs / Math.max(1, here.length)
  const neededByUs = Math.max(requestedByUs, usedBytes ?? 0)
  return {
    node,
    usedBytes,
    ...bindingOf(limit, perPod),
    limitsBytes: limits.reduce((sum, one) => sum + one, 0),
    forUsBytes: forUs,
    leftBytes: forUs - neededByUs,
  }
}

function finding(
  service: Service,
  tightest: Situation,
  others: readonly Situation[],
  notLookedAt: number,
): FindingBody {
  const { node, usedBytes, binding, limitsBytes, forUsBytes, leftBytes } = tightest
  const bytes = (value: number) => formatBytes(value, service.units)
  const pressed = isPressed(leftBytes, node.allocatableBytes)
  const problem = binding === 'node_allocatable' && pressed
  const kept = node.capacityBytes - node.allocatableBytes
  return {
    verdict: problem ? 'problem' : 'clear',
    ...(problem && { severity: 'high' as const }),
    headline: `${node.name} has ${bytes(node.allocatableBytes)} to give of ${bytes(node.capacityBytes)} (${formatShare(kept / node.capacityBytes)} is reserved) by its node object; ${bindingText(tightest, service)}`,
    details: [
      `Requested on ${node.name}: ${bytes(node.requestedBytes)}, of which DaemonSets ${bytes(node.daemonSetRequestedBytes)}${usedBytes === undefined ? '' : `; used by ${service.name}: ${bytes(usedBytes)}`}.`,
      ...(Number.isFinite(limitsBytes) && limitsBytes > forUsBytes
        ? [`Its pods there may use ${bytes(limitsBytes)} by their limits, the node has ${bytes(forUsBytes)} for them.`]
        : []),
      ...elsewhere(others, service),
      ...(notLookedAt > 0 ? [`${notLookedAt} further nodes, on which it uses less, were not looked at.`] : []),
    ],
    facts: facts(tightest),
    signals: { binding, node: pressed ? 'pressed' : 'roomy' },
    charts: [],
  }
}

/** The others, as far as they have more room; they are in order, so the first has the least. */
function elsewhere([next, ...rest]: readonly Situation[], { units }: Service): readonly string[] {
  if (next === undefined) return []
  const left = formatBytes(next.leftBytes, units)
  return rest.length === 0
    ? [`The other node, ${next.node.name}, has ${left} left.`]
    : [`The ${rest.length + 1} other nodes have ${left} or more left.`]
}

function facts({ node, usedBytes, binding, bindingBytes, leftBytes }: Situation): readonly Fact[] {
  return [
    { id: 'headroom', label: 'Node memory left', value: leftBytes, unit: 'bytes' },
    { id: 'allocatable', label: 'Allocatable', value: node.allocatableBytes, unit: 'bytes' },
    { id: 'capacity', label: 'Capacity', value: node.capacityBytes, unit: 'bytes' },
    { id: 'requested', label: 'Requested', value: node.requestedBytes, unit: 'bytes' },
    ...(usedBytes === undefined
      ? []
      : [{ id: 'used', label: 'Used by the service', value: usedBytes, unit: 'bytes' as const }]),
    { id: 'node', label: 'Node', value: node.name, unit: 'text' },
    {
      id: 'binding',
      label: 'What binds first',
      value: binding === 'container_limit' ? 'container limit' : 'node',
      unit: 'text',
    },
    { id: 'bindingBytes', label: 'What a pod can use', value: bindingBytes, unit: 'bytes' },
  ]
}

/** Use per pod where metrics say; the node objects alone are worth a finding too. */
async function memoryByReplica({ service, sources, now, signal }: CheckContext): Promise<MemoryByReplica> {
  const { metrics } = service
  if (metrics === undefined) return undefined
  try {
    const { value } = await sources
      .metrics()
      .instant(`max by (${metrics.replicaLabel}) (${expand(metrics.memory, metrics)})`, now, signal)
    return new Map(value.map((sample) => [sample.labels[metrics.replicaLabel] ?? '', sample.value]))
  } catch (error) {
    if (error instanceof SourceError) return undefined
    throw error
  }
}
