import { z } from 'zod'
import type { Kill } from '../analysis/kills.ts'
import { isLoop, killsPerHour, levelAt } from '../analysis/kills.ts'
import type { KillVerdict } from '../analysis/which-limit.ts'
import { mostKills, whichLimit } from '../analysis/which-limit.ts'
import { duration, promql } from '../config/fields.ts'
import type { Fact, FindingBody } from '../domain/finding.ts'
import { formatTime } from '../domain/finding.ts'
import type { Service } from '../domain/service.ts'
import { formatBytes, threeDigits } from '../domain/units.ts'
import { HOUR_MS } from './ask-metrics.ts'
import type { CheckContext } from './check.ts'
import { defineCheck } from './check.ts'
import { fact } from './facts.ts'
import type { KillEvidence } from './kill-evidence.ts'
import { killEvidence } from './kill-evidence.ts'
import type { NodeLimits } from './node-limits.ts'
import { nodeLimits } from './node-limits.ts'

const parameters = z.strictObject({
  window: duration().prefault('6h').describe('How far back kills count.'),
  restarts: promql
    .describe(
      'Counter of restarts, one series for each replica, such as kube_pod_container_status_restarts_total{$selector}. Kubernetes alone keeps only the last kill of each pod.',
    )
    .exactOptional(),
  allocatable: promql.describe('What a node can give to pods, in bytes, where no node object tells.').exactOptional(),
  machineMemory: promql
    .describe(
      'Memory of a GKE node in bytes (MemTotal), where neither a node object nor allocatable tells: GKE’s formula is used.',
    )
    .exactOptional(),
})

/** Which pods were killed for their memory, whether that goes on, and which limit they ran into: their own, the node's, or none. */
export const oomKills = defineCheck({
  name: 'oom-kills',
  title: 'Out-of-memory kills',
  parameters,
  signals: {
    kill: ['at_container_limit', 'killed_within_5pct_of_allocatable', 'killed_elsewhere', 'none'],
    loop: ['crash_loop', 'no_crash_loop'],
  },
  facts: ['kills', 'pods', 'lastKill', 'perHour', 'levelAtKill', 'bindingBytes', 'binding'],
  async run(context, { window, restarts, allocatable, machineMemory }) {
    const evidence = await killEvidence(context, restarts, window)
    const limits = await nodeLimits(context, evidence.pods, { allocatable, machineMemory })
    const verdicts = evidence.kills.flatMap((kill) => verdictOf(context.service, kill, evidence, limits) ?? [])
    return finding(context, evidence, verdicts, limits, window)
  },
})

function verdictOf(
  service: Service,
  { replica, at }: Kill,
  { pods, memory }: KillEvidence,
  limits: NodeLimits,
): KillVerdict | undefined {
  const bytes = levelAt(memory?.get(replica), at)
  if (bytes === undefined) return undefined
  const pod = pods?.find((one) => one.name === replica)
  const neighbours = (pods ?? []).filter(
    (one) => one.name !== replica && one.node !== undefined && one.node === pod?.node,
  )
  const node = limits.of(pod?.node)
  return whichLimit({
    bytes,
    containerLimitBytes:
      pod?.memoryLimitBytes ?? (service.memoryLimit.from === 'fixed' ? service.memoryLimit.bytes : undefined),
    onNodeBytes: neighbours.reduce((sum, one) => sum + (levelAt(memory?.get(one.name), at) ?? 0), bytes),
    allocatableBytes: node?.allocatableBytes,
    daemonSetBytes: node?.daemonSetBytes ?? 0,
  })
}

function finding(
  context: CheckContext,
  evidence: KillEvidence,
  verdicts: readonly KillVerdict[],
  limits: NodeLimits,
  windowMs: number,
): FindingBody {
  const { service, now } = context
  const { kills, isComplete, pods } = evidence
  const hours = threeDigits(windowMs / HOUR_MS)
  if (kills.length === 0)
    return {
      verdict: 'clear',
      headline: `No pod was killed for its memory in the last ${hours} h`,
      details: [],
      facts: fact('kills', 'Kills', 'count', 0),
      signals: { kill: 'none', loop: 'no_crash_loop' },
      charts: [],
    }
  const loops = isLoop(kills, replicasOf(evidence), now) || inBackOff(evidence, now)
  const most = mostKills(verdicts)
  const replicas = new Set(kills.map((kill) => kill.replica)).size
  const last = kills.at(-1)?.at ?? now
  const atLeast = isComplete ? '' : 'at least '
  const where = most === undefined ? '' : `; ${ranInto(service, most)}`
  return {
    verdict: 'problem',
    severity: loops ? 'critical' : now - last < HOUR_MS ? 'high' : 'medium',
    headline:
      `${atLeast}${times(kills.length, 'kill')} of ${times(replicas, 'pod')} in the last ${hours} h, the last at ${formatTime(last)}${where}`.replace(
        /^a/,
        'A',
      ),
    details: [
      ...(loops ? ['It goes on: pods are killed again as soon as they are back.'] : []),
      ...(most === undefined
        ? [
            'Which limit they ran into is unknown: there is no memory of theirs in the minutes before, or no limit to compare it with.',
          ]
        : [`${most.kills} of ${times(kills.length, 'kill')} ${most.kills === 1 ? 'was' : 'were'} of this kind.`]),
      ...nodeSource(most?.killer, limits, pods?.[0]?.node),
      ...(isComplete ? [] : ['Kubernetes keeps only the last kill of each pod, so there may have been more.']),
    ],
    facts: facts(evidence, most, now),
    signals: { ...(most && { kill: most.killer }), loop: loops ? 'crash_loop' : 'no_crash_loop' },
    charts: [],
  }
}

type MostKills = NonNullable<ReturnType<typeof mostKills>>

function ranInto({ units }: Service, { killer, bytes, bindingBytes }: MostKills): string {
  const level = `held ${formatBytes(bytes, units)} just before`
  switch (killer) {
    case 'at_container_limit':
      return `${level}, and the container's limit is ${formatBytes(bindingBytes ?? bytes, units)}`
    case 'killed_within_5pct_of_allocatable':
      return `${level}, and the node has ${formatBytes(bindingBytes ?? bytes, units)} to give`
    case 'killed_elsewhere':
      return `${level}, below every limit that is known (a rise within the last minute would not be seen)`
  }
}

function nodeSource(killer: string | undefined, limits: NodeLimits, node: string | undefined): readonly string[] {
  const from = limits.of(node)?.from
  return killer === 'killed_within_5pct_of_allocatable' && from !== undefined
    ? [`What a node can give is taken from ${from}.`]
    : []
}

/** Replicas that exist now, as far as anybody knows. */
function replicasOf({ pods, memory }: KillEvidence): number {
  return pods?.length ?? memory?.size ?? 1
}

/** Kubernetes waits at most 5 min between restarts, so a pod that is down after a recent kill and many restarts is in its loop. */
function inBackOff({ pods, kills }: KillEvidence, now: number): boolean {
  const isRecent = (name: string) => kills.some((kill) => kill.replica === name && kill.at > now - HOUR_MS / 4)
  return (pods ?? []).some((pod) => !pod.ready && pod.restarts >= 3 && isRecent(pod.name))
}

function facts({ kills, isComplete, pods }: KillEvidence, most: MostKills | undefined, now: number): readonly Fact[] {
  const killed = new Set(kills.map((kill) => kill.replica))
  const restarts = (pods ?? []).filter((pod) => killed.has(pod.name)).reduce((sum, pod) => sum + pod.restarts, 0)
  const atMost = isComplete ? undefined : { low: kills.length, high: Math.max(kills.length, restarts) }
  return [
    ...fact('kills', 'Kills', 'count', kills.length, atMost),
    ...fact('pods', 'Pods killed', 'count', killed.size),
    ...fact('lastKill', 'Last kill', 'time', kills.at(-1)?.at),
    ...fact('perHour', 'Kills per hour', 'perHour', killsPerHour(kills, now)),
    ...fact('levelAtKill', 'Memory when killed', 'bytes', most?.bytes, most?.range),
    ...fact('bindingBytes', 'Limit that killed', 'bytes', most?.bindingBytes),
    ...fact('binding', 'What killed', 'text', most && BINDING[most.killer]),
  ]
}

const BINDING = {
  at_container_limit: 'the container limit',
  killed_within_5pct_of_allocatable: 'the node',
  killed_elsewhere: 'neither limit',
} as const

function times(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
