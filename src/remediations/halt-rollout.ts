import type { Outcome, Plan, Progress } from '../domain/remediation.ts'
import type { RolloutState, WorkloadState } from './cluster.ts'
import { unlessAway } from './follow-rollout.ts'
import type { FollowOn, RemediationContext } from './remediation.ts'
import { type PlannedWorkload, plannedWorkload } from './target.ts'
import { describe, forKubectl, sentence } from './words.ts'

interface Halt {
  readonly reason: string
  /** Whether what rolls now is still what was begun. */
  readonly isOurs: (state: WorkloadState) => boolean
  /** What may be offered next, given the revisions that are there. */
  readonly next: (target: PlannedWorkload, earlierRevisions: readonly number[]) => readonly FollowOn[]
}

/**
 * Stops a rollout as far as Kubernetes lets it be stopped: a Deployment is paused. The others cannot be paused, and nothing is done to them that
 * would only look like it. May be repeated.
 */
export async function haltRollout(
  context: RemediationContext,
  plan: Plan,
  { reason, isOurs, next }: Halt,
): Promise<{ readonly outcome: Outcome; readonly offers: readonly FollowOn[] }> {
  const target = plannedWorkload(context, plan)
  const { workload, writer } = target
  const before = await unlessAway(context, () => writer.rollout(workload, context.signal))
  const where = before === undefined ? '' : ` ${standing(before)}`
  const halted = (text: string): Outcome => ({
    result: 'halted',
    text: `Stopped: ${sentence(reason)} ${text}${where}`,
    ...(before && { progress: progressOf(before) }),
  })
  if (workload.kind !== 'Deployment') return { outcome: halted(cannotPause(target)), offers: [] }
  const state = await writer.target(workload, context.signal)
  const offers = next(target, state.earlierRevisions)
  const back = offers.length === 0 ? ' There is no revision to go back to.' : ''
  if (before?.done === true) return { outcome: halted(`It had ended, so nothing was paused.${back}`), offers }
  if (!state.paused && !isOurs(state))
    return {
      outcome: halted('Somebody started another rollout since, which is theirs and was not paused.'),
      offers: [],
    }
  await writer.pause(workload, context.signal)
  const paused = `${describe(workload)} is paused: no further pod is replaced, and no deploy of it goes on until \`kubectl rollout resume ${forKubectl(workload)}\`.`
  return { outcome: halted(`${paused}${back}`), offers }
}

/** In which state it was left. */
function standing({ pods, desired }: RolloutState): string {
  const of = (state: string): number => pods.filter((pod) => pod.state === state).length
  const others = pods.length - of('ready') - of('old')
  return `Of ${desired} pods ${of('ready')} are new and ready, ${of('old')} are old, ${others} are between.`
}

function progressOf({ pods, desired }: RolloutState): Progress {
  const done = Math.min(desired, pods.filter(({ state }) => state === 'ready').length)
  return {
    text: `${done} of ${desired} pods new and ready when it was stopped`,
    done,
    total: desired,
    pods: pods.map(({ name, state }) => ({ name, state })),
  }
}

/** What stopping means where Kubernetes knows no pause. */
function cannotPause({ workload }: PlannedWorkload): string {
  const undo = `kubectl rollout undo ${forKubectl(workload)}`
  if (workload.kind === 'StatefulSet')
    return `A StatefulSet cannot be paused and incbot changed nothing more: its controller goes on by itself while each new pod becomes ready, and waits at one that does not. Mend that pod's cause and restart, or go back with \`${undo}\`; a pod that hangs must then be deleted by hand.`
  return `A DaemonSet cannot be paused and incbot changed nothing more: its controller goes on by itself, but no further than its maxUnavailable while new pods are not ready. Mend their cause and restart, or go back with \`${undo}\`.`
}
