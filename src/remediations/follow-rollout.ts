import type { Outcome, Plan, Progress } from '../domain/remediation.ts'
import type { RolloutState } from './cluster.ts'
import { type Bound, watchBounds } from './halt-when.ts'
import { pause } from './pause.ts'
import { progressOf } from './progress.ts'
import type { RemediationContext } from './remediation.ts'
import { RemediationError } from './remediation.ts'
import { plannedWorkload } from './target.ts'
import { troubleOf, twice } from './trouble.ts'
import { durationText, forKubectl } from './words.ts'

const POLL_MS = 1_000

/** What is followed, and what was said of it when it began. */
export interface Rollout {
  /** "The restart". */
  readonly what: string
  /** What its pods become: "new and ready". */
  readonly as: string
  readonly startedAt: number
  readonly deadlineMs: number
  readonly estimateMs: number | undefined
  readonly bounds: readonly Bound[]
  /** Of the workload, right after the change. */
  readonly generation: number
}

/** Watches a rollout to its end, only by reading. A cluster that does not answer for a moment does not end the watching. */
export async function followRollout(
  context: RemediationContext,
  plan: Plan,
  rollout: Rollout,
  report: (progress: Progress) => void,
): Promise<Outcome | { readonly halt: string }> {
  const { workload, writer } = plannedWorkload(context, plan)
  const bounds = watchBounds(context, rollout.bounds)
  const lasting = twice()
  for (;;) {
    const state = await unlessAway(context, () => writer.rollout(workload, context.signal))
    const elapsedMs = context.now() - rollout.startedAt
    if (state !== undefined) {
      if (state.done) return finished(state, elapsedMs, rollout)
      const trouble = lasting(troubleOf(state.pods)) ?? (readyOf(state) > 0 ? await bounds.look() : undefined)
      if (trouble !== undefined) return { halt: trouble }
      report(progress(state, elapsedMs, rollout, bounds.silent))
      if (elapsedMs > rollout.deadlineMs) return late(state, elapsedMs, rollout, forKubectl(workload))
    } else if (elapsedMs > rollout.deadlineMs) {
      return {
        result: 'failed',
        text: `${rollout.what} was started, but the cluster did not say within ${durationText(rollout.deadlineMs)} how it went. Look with \`kubectl rollout status ${forKubectl(workload)}\`.`,
      }
    }
    await pause(POLL_MS, context.signal)
  }
}

/** Undefined while the cluster does not answer. */
export async function unlessAway<T>(context: RemediationContext, look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof RemediationError && !context.signal.aborted) return undefined
    throw error
  }
}

const readyOf = ({ pods }: RolloutState): number => pods.filter(({ state }) => state === 'ready').length

function finished(state: RolloutState, elapsedMs: number, rollout: Rollout): Outcome {
  // What runs now may not be what was begun.
  const changed = state.generation > rollout.generation ? ' Somebody changed the workload meanwhile.' : ''
  return {
    result: 'succeeded',
    text: `${state.desired} of ${state.desired} pods are ${rollout.as} after ${durationText(elapsedMs)}.${changed}`,
    progress: progress(state, elapsedMs, rollout),
  }
}

function progress(state: RolloutState, elapsedMs: number, { as, estimateMs }: Rollout, silent = ''): Progress {
  const done = Math.min(readyOf(state), state.desired)
  const failing = state.pods.filter((pod) => pod.state === 'failing').map(({ name }) => name)
  const trouble = failing.length > 0 ? `; in trouble: ${failing.join(', ')}` : ''
  return progressOf({ done, total: state.desired, elapsedMs, estimateMs }, as, state.pods, `${trouble}${silent}`)
}

function late(state: RolloutState, elapsedMs: number, rollout: Rollout, target: string): Outcome {
  const waiting = state.pods.filter((pod) => pod.state !== 'ready').map((pod) => `${pod.name} (${pod.state})`)
  const now = progress(state, elapsedMs, rollout)
  return {
    result: 'failed',
    text: `${rollout.what} was started but did not finish within ${durationText(elapsedMs)}: ${now.done} of ${state.desired} pods are ${rollout.as}; waiting for ${waiting.join(', ') || 'the controller'}. Kubernetes goes on with it. Look with \`kubectl rollout status ${target}\`.`,
    progress: now,
  }
}
