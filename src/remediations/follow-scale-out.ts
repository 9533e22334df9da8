import type { Outcome, Plan, Progress } from '../domain/remediation.ts'
import type { ObservedPod } from './cluster.ts'
import { unlessAway } from './follow-rollout.ts'
import { pause } from './pause.ts'
import { progressOf, stateOf } from './progress.ts'
import type { RecordedEffect, RemediationContext } from './remediation.ts'
import { followed, planned } from './scale-record.ts'
import { type Size, sizeInWords, sizeNow, sizeSet } from './scale-target.ts'
import { plannedWorkload, recorded } from './target.ts'
import { newSince, troubleOf, twice } from './trouble.ts'
import { durationText, names } from './words.ts'

const POLL_MS = 1_000

interface Seen {
  readonly size: Size
  readonly pods: readonly ObservedPod[]
  readonly trouble: string | undefined
}

/** Watches until so many pods are ready, only by reading. */
export async function followScaleOut(
  context: RemediationContext,
  plan: Plan,
  effect: RecordedEffect,
  report: (progress: Progress) => void,
): Promise<Outcome | { readonly halt: string }> {
  const { deadlineMs } = recorded(planned, plan.parameters)
  const { startedAt } = recorded(followed, effect)
  const lasting = twice()
  for (;;) {
    const seen = await unlessAway(context, () => look(context, plan, effect))
    const elapsedMs = context.now() - startedAt
    if (seen !== undefined) {
      const progress = progressIn(seen, elapsedMs)
      const over = ended(seen, progress, elapsedMs)
      if (over !== undefined) return over
      const trouble = lasting(seen.trouble)
      if (trouble !== undefined) return { halt: trouble }
      report(progress)
      if (elapsedMs > deadlineMs) return late(seen, progress, elapsedMs)
    } else if (elapsedMs > deadlineMs) {
      return {
        result: 'failed',
        text: `It was scaled out, but the cluster did not say within ${durationText(deadlineMs)} how it went.`,
      }
    }
    await pause(POLL_MS, context.signal)
  }
}

async function look(context: RemediationContext, plan: Plan, effect: RecordedEffect): Promise<Seen> {
  const { workload, writer, observer } = plannedWorkload(context, plan)
  const [size, pods, rollout] = await Promise.all([
    sizeNow(context, plan),
    observer().pods(workload, context.signal),
    writer.rollout(workload, context.signal),
  ])
  const { pods: before } = recorded(followed, effect)
  return { size, pods, trouble: troubleOf(newSince(before, rollout.pods)) }
}

function progressIn({ size: { scale }, pods }: Seen, elapsedMs: number): Progress {
  const shown = pods.map((pod) => ({ name: pod.name, state: stateOf(pod) }))
  const ready = shown.filter(({ state }) => state === 'ready').length
  const { to: total, before: from, estimateMs } = scale
  return progressOf({ done: Math.min(ready, total), total, from, elapsedMs, estimateMs }, 'ready', shown)
}

function ended({ size }: Seen, progress: Progress, elapsedMs: number): Outcome | undefined {
  const { to } = size.scale
  if (progress.done >= to)
    return { result: 'succeeded', text: `${to} of ${to} pods are ready after ${durationText(elapsedMs)}.`, progress }
  if ((sizeSet(size) ?? 0) >= to) return undefined
  return {
    result: 'failed',
    text: `Somebody took it back meanwhile: ${sizeInWords(size)} ${progress.done} of ${to} pods were ready by then.`,
    progress,
  }
}

function late({ size }: Seen, progress: Progress, elapsedMs: number): Outcome {
  const waiting = progress.pods.filter(({ state }) => state !== 'ready').map(({ name }) => name)
  const { namespace } = size.workload
  return {
    result: 'failed',
    text: `It was scaled out, but only ${progress.done} of ${progress.total} pods are ready after ${durationText(elapsedMs)}; waiting for ${names(waiting) || 'the controller'}. A pod that fits on no node waits for one: \`kubectl -n ${namespace} describe pod\` says so.`,
    progress,
  }
}
