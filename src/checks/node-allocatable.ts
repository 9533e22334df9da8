import { z } from 'zod'
import type { NodeFacts, PodFacts } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Fact, FindingBody } from '../domain/finding.ts'
import type { Service, Workload } from '../domain/service.ts'
import { formatBytes, formatShare } from '../domain/units.ts'
import type { CheckContext } from './check.ts'
import { defineCheck } from './check.ts'
import { expand } from './promql.ts'

/** A node with less than this share of its allocatable memory to spare is pressed. */
const PRESSED_FROM = 0.9

/** What the nodes can really give (allocatable, not capacity), what is asked of them, and whether the container's limit or the node binds first. */
export const nodeAllocatable = defineCheck({
  name: 'node-allocatable',
  title: 'Node memory',
  parameters: z.strictObject({}),
  signals: { binding: ['container_limit', 'node_allocatable'], node: ['pressed', 'roomy'] },
  facts: ['node', 'capacity', 'allocatable', 'requested', 'used', 'headroom', 'binding', 'bindingBytes'],
  async run(context) {
    const workload = workloadOf(context.service)
    const cluster = context.sources.cluster(workload.cluster)
    const { value: pods } = await cluster.pods(workload, context.signal)
    const names = [...new Set(pods.flatMap((pod) => pod.node ?? []))].sort()
    if (names.length === 0)
      throw new SourceError('missing', workload.cluster, `No pod of ${workload.kind} ${workload.name} is on a node.`)
    const [{ value: nodes }, used] = await Promise.all([cluster.nodes(names, context.signal), memoryByReplica(context)])
    const situations = nodes.map((node) => situationOf(node, pods, used))
    const [tightest, ...others] = [...situations].sort((a, b) => a.leftBytes - b.leftBytes)
    if (tightest === undefined) throw new SourceError('missing', workload.cluster, 'The cluster named no nodes.')
    return finding(context.service, tightest, others)
  },
})

interface Situation {
  readonly node: NodeFacts
  /** Of the service's pods on it; undefined where no metric says. */
  readonly usedBytes: number | undefined
  /** What one of its pods may use before something stops it. */
  readonly bindingBytes: number
  readonly binding: 'container_limit' | 'node_allocatable'
  /** Allocatable less what is requested, or used where that is more. */
  readonly leftBytes: number
}

function situationOf(
  node: NodeFacts,
  pods: readonly PodFacts[],
  used: ReadonlyMap<string, number> | undefined,
): Situation {
  const here = pods.filter((pod) => pod.node === node.name)
  const usedBytes = used && here.reduce((sum, pod) => sum + (used.get(pod.name) ?? 0), 0)
  const requestedByUs = here.reduce((sum, pod) => sum + (pod.memoryRequestBytes ?? 0), 0)
  const forUs = node.allocatableBytes - (node.requestedBytes - requestedByUs)
  const limits = here.map((pod) => pod.memoryLimitBytes ?? Number.POSITIVE_INFINITY)
  const limit = Math.min(...limits)
  const perPod = forUs / Math.max(1, here.length)
  const neededByUs = Math.max(requestedByUs, usedBytes ?? 0)
  return {
    node,
    usedBytes,
    bindingBytes: Math.min(limit, perPod),
    binding: limit <= perPod ? 'container_limit' : 'node_allocatable',
    leftBytes: forUs - neededByUs,
  }
}

function finding(service: Service, tightest: Situation, others: readonly Situation[]): FindingBody {
  const { node, usedBytes, binding, bindingBytes, leftBytes } = tightest
  const bytes = (value: number) => formatBytes(value, service.units)
  const pressed = leftBytes < (1 - PRESSED_FROM) * node.allocatableBytes
  const problem = binding === 'node_allocatable' && pressed
  const kept = node.capacityBytes - node.allocatableBytes
  const binds =
    binding === 'container_limit'
      ? `the container limit (${bytes(bindingBytes)}) binds first, not the node`
      : `the node binds first: ${bytes(bindingBytes)} per pod before it runs out`
  return {
    verdict: problem ? 'problem' : 'clear',
    ...(problem && { severity: 'high' as const }),
    headline: `${node.name} has ${bytes(node.allocatableBytes)} to give of ${bytes(node.capacityBytes)} (${formatShare(kept / node.capacityBytes)} is reserved); ${binds}`,
    details: [
      `Requested on ${node.name}: ${bytes(node.requestedBytes)}, of which DaemonSets ${bytes(node.daemonSetRequestedBytes)}${usedBytes === undefined ? '' : `; used by ${service.name}: ${bytes(usedBytes)}`}.`,
      ...(others.length > 0 ? [`${others.length} other nodes have more room.`] : []),
    ],
    facts: facts(tightest),
    signals: { binding, node: pressed ? 'pressed' : 'roomy' },
    charts: [],
  }
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

function workloadOf(service: Service): Workload {
  const [workload] = service.workloads
  if (workload === undefined)
    throw new SourceError('not-configured', service.name, `${service.name} has no \`workloads\` in incbot.yaml.`)
  return workload
}

/** Use per pod where metrics say; the node objects alone are worth a finding too. */
async function memoryByReplica({
  service,
  sources,
  now,
  signal,
}: CheckContext): Promise<ReadonlyMap<string, number> | undefined> {
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
