import type { Outcome, Plan, Progress } from '../domain/remediation.ts'
import type { ObservedPod, PodIdentity, RolloutPod } from './cluster.ts'
import { evictor } from './evictor.ts'
import { unlessAway } from './follow-rollout.ts'
import { nextMove, stillOld } from './next-eviction.ts'
import { followed, planned } from './ordered-record.ts'
import { pause } from './pause.ts'
import { progressOf, stateOf } from './progress.ts'
import type { RecordedEffect, RemediationContext } from './remediation.ts'
import { difference, plannedWorkload, recorded } from './target.ts'
import { newSince, troubleOf, twice } from './trouble.ts'
import { durationText } from './words.ts'

const POLL_MS = 1_000

/** Takes the pods one by one, in the recorded order, and waits for each successor. May be gone on with after a crash. */
export async function followEvictions(
  context: RemediationContext,
  plan: Plan,
  effect: RecordedEffect,
  report: (progress: Progress) => void,
): Promise<Outcome | { readonly halt: string }> {
  const { deadlineMs, settleMs, estimateMs } = recorded(planned, plan.parameters)
  const { startedAt, pods: order } = recorded(followed, effect)
  const take = evictor(context, plan, settleMs)
  const lasting = twice()
  let waiting = 'waiting for the cluster to answer'
  for (;;) {
    const seen = await unlessAway(context, () => look(context, plan))
    const elapsedMs = context.now() - startedAt
    if (seen !== undefined) {
      const move = nextMove(order, seen.pods, seen.replicas)
      const progress = progressIn(order, seen.pods, elapsedMs, estimateMs)
      if (move.do === 'done') return finished(progress(''), elapsedMs)
      // What somebody changed after the last old pod went is no longer this restart's business.
      const changed = stillOld(order, seen.pods).length > 0 ? seen.changed : undefined
      const halt = changed ?? lasting(troubleOf(newSince(order, seen.rollout)))
      if (halt !== undefined) return { halt }
      const taken = await take(move)
      if ('halt' in taken) return taken
      waiting = taken.waiting
      report(progress(`; ${waiting}`))
    }
    if (elapsedMs > deadlineMs) return { halt: `It did not finish within ${durationText(deadlineMs)}: ${waiting}.` }
    await pause(POLL_MS, context.signal)
  }
}

interface Seen {
  readonly replicas: number
  readonly changed: string | undefined
  readonly pods: readonly ObservedPod[]
  readonly rollout: readonly RolloutPod[]
}

async function look(context: RemediationContext, plan: Plan): Promise<Seen> {
  const { workload, writer, observer } = plannedWorkload(context, plan)
  const [state, pods, rollout] = await Promise.all([
    writer.target(workload, context.signal),
    observer().pods(workload, context.signal),
    writer.rollout(workload, context.signal),
  ])
  const why = difference(workload, plan.target, state)
  return { replicas: state.replicas, changed: why && `${why}.`, pods, rollout: rollout.pods }
}

/** New pods in the order in which they came, and the old ones as they will go. */
function progressIn(
  order: readonly PodIdentity[],
  pods: readonly ObservedPod[],
  elapsedMs: number,
  estimateMs: number | undefined,
): (more: string) => Progress {
  const old = stillOld(order, pods)
  const isOld = (uid: string): boolean => old.some((one) => one.uid === uid)
  const fresh = pods.filter(({ uid }) => !isOld(uid)).map((pod) => ({ name: pod.name, state: stateOf(pod) }))
  const going = old.map(({ name, uid }) => ({
    name,
    state: pods.some((pod) => pod.uid === uid && pod.terminating) ? 'stopping' : 'old',
  }))
  const done = Math.min(order.length, fresh.filter(({ state }) => state === 'ready').length)
  const distance = { done, total: order.length, elapsedMs, estimateMs }
  return (more) => progressOf(distance, 'new and ready', [...fresh, ...going], more)
}

function finished(progress: Progress, elapsedMs: number): Outcome {
  return {
    result: 'succeeded',
    text: `${progress.total} of ${progress.total} pods are new and ready after ${durationText(elapsedMs)}, one at a time.`,
    progress: { ...progress, done: progress.total },
  }
}
