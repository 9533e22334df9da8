import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { duration } from '../config/fields.ts'
import type { Outcome, Plan, Progress } from '../domain/remediation.ts'
import type { Workload } from '../domain/service.ts'
import type { ClusterWriter, RemediationContext, RolloutState, WorkloadState } from './remediation.ts'
import { defineRemediation, RemediationError } from './remediation.ts'

/** A conflict means that somebody else wrote first and nothing of ours happened; status updates do so many times a minute. */
const CONFLICTS = 8
const POLL_MS = 1_000
/** Slack's limit for a button's text. */
const LONGEST_BUTTON = 75

/** Restarts every workload of the service by its own rollout strategy, as `kubectl rollout restart` does. */
export const rollingRestart = defineRemediation({
  kind: 'rolling-restart',
  title: 'Rolling restart',
  verify: true,
  parameters: z.strictObject({
    deadline: duration()
      .prefault('15m')
      .meta({ description: 'How long the rollout may take before it counts as failed.' }),
  }),

  async plan(context, { deadline }) {
    if (context.service.workloads.length === 0)
      throw new RemediationError('none', `${context.service.name} has no \`workloads\` in incbot.yaml.`)
    return Promise.all(context.service.workloads.map((workload) => planFor(context, workload, deadline)))
  },

  async execute(context, plan, { approvedAt }) {
    const { workload, writer } = targetOf(context, plan)
    for (let attempt = 0; attempt < CONFLICTS; attempt += 1) {
      const state = await writer.target(workload, context.signal)
      if (state.uid !== plan.target.uid)
        return {
          void: `${describe(workload)} was deleted and made anew since this was offered; nothing was restarted. Ask for a fresh diagnosis.`,
        }
      if (state.generation !== plan.target.generation)
        return {
          void: `${describe(workload)} was changed by somebody since this was offered (generation ${plan.target.generation} → ${state.generation}); nothing was restarted. Ask for a fresh diagnosis.`,
        }
      const result = await writer.restart(workload, stampOf(approvedAt), state.resourceVersion, context.signal)
      if (result.result === 'applied') return { effect: { generation: result.generation, startedAt: context.now() } }
    }
    throw new RemediationError(
      'none',
      `${describe(workload)} changes so often that the restart lost every one of ${CONFLICTS} races.`,
    )
  },

  async follow(context, plan, effect, report) {
    const { workload, writer } = targetOf(context, plan)
    const startedAt = typeof effect.startedAt === 'number' ? effect.startedAt : context.now()
    const deadlineMs = typeof plan.parameters.deadlineMs === 'number' ? plan.parameters.deadlineMs : 15 * 60_000
    for (;;) {
      const state = await rollout(writer, workload, context.signal)
      const elapsedMs = context.now() - startedAt
      if (state !== undefined) {
        const progress = progressOf(state, elapsedMs)
        if (state.done)
          return {
            result: 'succeeded',
            text: `${state.desired} of ${state.desired} pods are new and ready after ${seconds(elapsedMs)}.${changedMeanwhile(state, effect)}`,
            progress,
          }
        report(progress)
        if (elapsedMs > deadlineMs) return late(state, elapsedMs, progress)
      } else if (elapsedMs > deadlineMs) {
        return {
          result: 'failed',
          text: `The restart was started, but the cluster did not say within ${seconds(deadlineMs)} how it went. Look with \`kubectl rollout status\`.`,
        }
      }
      await sleep(POLL_MS, undefined, { signal: context.signal })
    }
  },

  async inspect(context, plan, { approvedAt }) {
    const { workload, writer } = targetOf(context, plan)
    const state = await writer.target(workload, context.signal)
    return state.restartStamp === stampOf(approvedAt)
      ? `What can be seen: ${describe(workload)} carries the mark of this restart, so it did start.`
      : `What can be seen: ${describe(workload)} does not carry the mark of this restart, so it probably did not start.`
  },
})

async function planFor(context: RemediationContext, workload: Workload, deadlineMs: number): Promise<Plan> {
  const state = await context.writer(workload.cluster).target(workload, context.signal)
  const blocked = blockedBecause(workload, state)
  return {
    target: { service: context.service.name, workload, uid: state.uid, generation: state.generation },
    button: `Restart ${workload.name}`.slice(0, LONGEST_BUTTON),
    summary: `Rolling restart of ${describe(workload)} on ${workload.cluster}: ${state.replicas} ${state.replicas === 1 ? 'pod' : 'pods'}, ${state.strategy}`,
    details: ['Requests that a stopping pod holds may fail.'],
    ...(blocked !== undefined && { blocked }),
    parameters: { deadlineMs },
  }
}

function blockedBecause(workload: Workload, { paused, heldBack, replicas }: WorkloadState): string | undefined {
  const what = describe(workload)
  if (paused) return `${what} is paused, so a restart would not start. Resume it first: kubectl rollout resume.`
  if (replicas === 0) return `${what} is scaled to no pods, so there is nothing to restart.`
  switch (heldBack) {
    case 'on-delete':
      return `${what} replaces pods only when they are deleted by hand (OnDelete), so a rolling restart would do nothing.`
    case 'partition':
      return `${what} keeps pods back with a partition, so a rolling restart would leave some as they are. Set the partition to 0 first.`
    case undefined:
      return undefined
  }
}

function targetOf(
  context: RemediationContext,
  plan: Plan,
): { readonly workload: Workload; readonly writer: ClusterWriter } {
  const { workload } = plan.target
  if (workload === undefined) throw new RemediationError('none', 'The plan names no workload.')
  return { workload, writer: context.writer(workload.cluster) }
}

/** Derived from the approval, never from the clock: the same restart twice is one restart. */
function stampOf(approvedAt: number): string {
  return new Date(approvedAt).toISOString()
}

/** A cluster that does not answer for a moment does not end the watching. */
async function rollout(
  writer: ClusterWriter,
  workload: Workload,
  signal: AbortSignal,
): Promise<RolloutState | undefined> {
  try {
    return await writer.rollout(workload, signal)
  } catch (error) {
    if (error instanceof RemediationError && !signal.aborted) return undefined
    throw error
  }
}

/** What runs now may not be what was restarted. */
function changedMeanwhile({ generation }: RolloutState, effect: Readonly<Record<string, unknown>>): string {
  return typeof effect.generation === 'number' && generation > effect.generation
    ? ' Somebody changed the workload meanwhile.'
    : ''
}

function progressOf(state: RolloutState, elapsedMs: number): Progress {
  const ready = state.pods.filter((pod) => pod.state === 'ready').length
  const failing = state.pods.filter((pod) => pod.state === 'failing').map((pod) => pod.name)
  return {
    text: `${ready} of ${state.desired} pods new and ready, ${seconds(elapsedMs)}${failing.length > 0 ? `, restarting again and again: ${failing.join(', ')}` : ''}`,
    done: Math.min(ready, state.desired),
    total: state.desired,
    pods: state.pods.map(({ name, state: podState }) => ({ name, state: podState })),
  }
}

function late(state: RolloutState, elapsedMs: number, progress: Progress): Outcome {
  const waiting = state.pods.filter((pod) => pod.state !== 'ready').map((pod) => `${pod.name} (${pod.state})`)
  return {
    result: 'failed',
    text: `The restart started but did not finish within ${seconds(elapsedMs)}: ${progress.done} of ${state.desired} pods are ready; waiting for ${waiting.join(', ') || 'the controller'}. Look with \`kubectl rollout status\`.`,
    progress,
  }
}

function describe({ kind, namespace, name }: Workload): string {
  return `${kind} ${namespace}/${name}`
}

function seconds(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`
}
