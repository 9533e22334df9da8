import { omitEmpty } from '../json.ts'
import { type Condition, timestamp } from '../object.ts'
import type { Deployment, ReplicaSet } from '../workloads.ts'
import { maxUnavailableOf } from './deployment-size.ts'

type Found = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/** Sets a condition: unchanged status and reason keep it as it is unless `touch`, an unchanged status keeps its transition time. */
export function withCondition(
  conditions: readonly Condition[],
  found: Found,
  nowMs: number,
  touch = false,
): readonly Condition[] {
  const present = conditions.find(({ type }) => type === found.type)
  if (present && !touch && present.status === found.status && present.reason === found.reason) return conditions
  const at = timestamp(nowMs)
  const lastTransitionTime = present?.status === found.status ? (present.lastTransitionTime ?? at) : at
  const others = conditions.filter(({ type }) => type !== found.type)
  return [...others, { ...found, lastUpdateTime: at, lastTransitionTime }]
}

const conditionOf = (conditions: readonly Condition[] = [], type: string): Condition | undefined =>
  conditions.find((condition) => condition.type === type)

const sum = (sets: readonly ReplicaSet[], field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number =>
  sets.reduce((total, { status }) => total + (status[field] ?? 0), 0)

const count = (status: Deployment['status'], field: string): number => Number(status[field] ?? 0)

/** A deployment's status from its replica sets, as `deployment/progress.go` computes it. */
export function deploymentStatus(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  nowMs: number,
): Deployment['status'] {
  const available = sum(sets, 'availableReplicas')
  const replicas = sum(sets, 'replicas')
  const counts = {
    replicas,
    updatedReplicas: newSet ? newSet.status.replicas : 0,
    readyReplicas: sum(sets, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, replicas - available),
  }
  const enough = available >= deployment.spec.replicas - maxUnavailableOf(deployment)
  const availableCondition: Found = enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
  const withAvailable = withCondition(deployment.status.conditions ?? [], availableCondition, nowMs)
  const conditions = withProgress(deployment, counts, withAvailable, newSet, nowMs)
  return omitEmpty({ observedGeneration: deployment.metadata.generation, ...counts, conditions })
}

type Counts = Readonly<
  Record<'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas' | 'unavailableReplicas', number>
>

function withProgress(
  deployment: Deployment,
  counts: Counts,
  conditions: readonly Condition[],
  newSet: ReplicaSet | undefined,
  nowMs: number,
): readonly Condition[] {
  const progressing = conditionOf(conditions, 'Progressing')
  if (deployment.spec.paused || !newSet) return conditions
  const settled = counts.replicas === counts.updatedReplicas && progressing?.reason === 'NewReplicaSetAvailable'
  if (settled) return conditions
  const set = `ReplicaSet "${newSet.metadata.name}"`
  const found = (status: Condition['status'], reason: string, text: string): Found => ({
    type: 'Progressing',
    status,
    reason,
    message: `${set} ${text}`,
  })
  if (isComplete(deployment, counts)) {
    return withCondition(conditions, found('True', 'NewReplicaSetAvailable', 'has successfully progressed.'), nowMs)
  }
  if (madeProgress(deployment.status, counts)) {
    return withCondition(conditions, found('True', 'ReplicaSetUpdated', 'is progressing.'), nowMs, true)
  }
  if ((untilDeadlineMs(deployment, nowMs) ?? 1) > 0) return conditions
  return withCondition(conditions, found('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'), nowMs)
}

const isComplete = ({ spec }: Deployment, counts: Counts): boolean =>
  counts.updatedReplicas === spec.replicas &&
  counts.replicas === spec.replicas &&
  counts.availableReplicas === spec.replicas

function madeProgress(before: Deployment['status'], now: Counts): boolean {
  const old = count(before, 'replicas') - count(before, 'updatedReplicas')
  return (
    now.updatedReplicas > count(before, 'updatedReplicas') ||
    now.replicas - now.updatedReplicas < old ||
    now.readyReplicas > count(before, 'readyReplicas') ||
    now.availableReplicas > count(before, 'availableReplicas')
  )
}

/** Milliseconds left for a rollout in progress to show progress; undefined where none is being waited for. */
export function untilDeadlineMs({ spec, status }: Deployment, nowMs: number): number | undefined {
  const progressing = conditionOf(status.conditions, 'Progressing')
  const waiting = ['NewReplicaSetCreated', 'FoundNewReplicaSet', 'ReplicaSetUpdated', 'DeploymentResumed']
  if (spec.paused || !progressing || !waiting.includes(progressing.reason ?? '')) return undefined
  return Date.parse(progressing.lastUpdateTime ?? '') + spec.progressDeadlineSeconds * 1000 - nowMs
}
