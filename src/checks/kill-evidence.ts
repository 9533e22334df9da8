import type { Kill } from '../analysis/kills.ts'
import { mergeKills, risesAt } from '../analysis/kills.ts'
import type { Points } from '../analysis/points.ts'
import type { PodFacts } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Workload } from '../domain/service.ts'
import { byReplica, ifAnswered, lastMinutes } from './ask-metrics.ts'
import type { CheckContext } from './check.ts'

/** There may be a hundred replicas. */
const MOST_POINTS = 2_000

export interface PodOf extends PodFacts {
  readonly workload: Workload
}

/** Which replicas were killed when, and what there is to explain it. */
export interface KillEvidence {
  readonly kills: readonly Kill[]
  /** Whether each kill is known. Kubernetes alone keeps only the last one of each pod. */
  readonly isComplete: boolean
  /** Undefined where there is no cluster to ask, or it did not answer. */
  readonly pods: readonly PodOf[] | undefined
  /** Memory by replica; undefined where metrics did not answer. */
  readonly memory: ReadonlyMap<string, Points> | undefined
}

/** From the pods' last terminations, a counter of restarts, or both. Throws where neither answers. */
export async function killEvidence(
  context: CheckContext,
  restarts: string | undefined,
  windowMs: number,
): Promise<KillEvidence> {
  const { service, now } = context
  const window = lastMinutes(context, windowMs, MOST_POINTS)
  const { metrics } = service
  const [pods, counters, memory] = await Promise.all([
    allPods(context).catch((error: unknown) => (restarts === undefined ? rethrow(error) : unlessBug(error))),
    restarts === undefined ? undefined : ifAnswered(byReplica(context, restarts, window)),
    metrics === undefined ? undefined : ifAnswered(byReplica(context, metrics.memory, window)),
  ])
  if (pods === undefined && (counters === undefined || counters.size === 0))
    throw new SourceError(
      'missing',
      service.name,
      `Neither a cluster nor the metrics tell of ${service.name}'s restarts.`,
    )
  const terminated = (pods ?? []).flatMap(({ name, lastTermination: last }): Kill[] =>
    isKill(last) && last.at > now - windowMs ? [{ replica: name, at: last.at }] : [],
  )
  const counted = [...(counters ?? [])].flatMap(([replica, counter]): Kill[] =>
    endedOtherwise(pods, replica) ? [] : risesAt(counter).map((at) => ({ replica, at })),
  )
  return {
    kills: mergeKills(counted, terminated),
    isComplete: counters !== undefined && counters.size > 0,
    pods,
    memory,
  }
}

async function allPods({ service, sources, signal }: CheckContext): Promise<readonly PodOf[]> {
  if (service.workloads.length === 0)
    throw new SourceError('not-configured', service.name, `${service.name} has no \`workloads\` in incbot.yaml.`)
  const answers = await Promise.all(
    service.workloads.map(async (workload) => {
      const { value } = await sources.cluster(workload.cluster).pods(workload, signal)
      return value.map((pod): PodOf => ({ ...pod, workload }))
    }),
  )
  return answers.flat()
}

function rethrow(error: unknown): never {
  throw error
}

function unlessBug(error: unknown): undefined {
  if (error instanceof SourceError) return undefined
  throw error
}

/** 137 is 128 + SIGKILL: the kernel's way out of memory, also where Kubernetes did not see that it was memory. */
function isKill(last: PodFacts['lastTermination']): last is NonNullable<PodFacts['lastTermination']> {
  return last !== undefined && (last.reason === 'OOMKilled' || last.exitCode === 137)
}

/** A pod whose last end was of another kind, such as an exception at start, restarts for that reason. */
function endedOtherwise(pods: readonly PodOf[] | undefined, replica: string): boolean {
  const last = pods?.find((pod) => pod.name === replica)?.lastTermination
  return last !== undefined && !isKill(last)
}
