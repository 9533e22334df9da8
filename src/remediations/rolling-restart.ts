import { z } from 'zod'
import { duration } from '../config/fields.ts'
import type { Plan } from '../domain/remediation.ts'
import { costOf } from './cost.ts'
import { estimate } from './estimate.ts'
import { followRollout } from './follow-rollout.ts'
import { haltRollout } from './halt-rollout.ts'
import { type Bound, haltWhen, quietBefore, recordBounds, recordedBounds } from './halt-when.ts'
import { orderedInstead } from './ordered-offer.ts'
import { type Planning, planEach } from './planning.ts'
import { askAll } from './preflight/ask.ts'
import { budgetsBesideRollout } from './preflight/budgets.ts'
import { dryRun } from './preflight/dry-run.ts'
import { noForeignFreeze } from './preflight/freezes.ts'
import { onWorkload, permission } from './preflight/permission.ts'
import { roomForSurge, surgeFitsNowhere } from './preflight/room.ts'
import { hasPods, noRollout, notHeldBack, notPaused } from './preflight/workload.ts'
import { defineRemediation } from './remediation.ts'
import { rollbackOffer } from './rollback-offer.ts'
import { fenced, plannedWorkload, recorded, workloadChanged } from './target.ts'
import { only } from './which-workloads.ts'
import { blastRadius, buttonText, count, describe } from './words.ts'

const parameters = z.strictObject({
  deadline: duration()
    .prefault('15m')
    .meta({ description: 'How long the rollout may take before it counts as failed.' }),
  haltWhen,
  only,
})

/** Fixed when planned. */
const planned = z.object({
  deadlineMs: z.number().default(15 * 60_000),
  estimateMs: z.number().optional(),
  haltWhen: recordedBounds,
})

const followed = z.object({ generation: z.number(), startedAt: z.number(), stamp: z.string().optional() })

/** Restarts every workload of the service by its own rollout strategy, as `kubectl rollout restart` does. */
export const rollingRestart = defineRemediation({
  kind: 'rolling-restart',
  title: 'Rolling restart',
  verify: true,
  restarts: true,
  parameters,

  plan: (context, { deadline, haltWhen: bounds, only: which }) =>
    planEach(context, which, (planning) => planFor(planning, deadline, bounds)),

  changed: workloadChanged,

  /** May be repeated: the stamp is the approval's, and the same stamp again changes nothing. */
  async execute(context, plan, { approvedAt }) {
    const stamp = stampOf(approvedAt)
    const startedAt = context.now()
    const result = await fenced(context, plan, ({ resourceVersion }, { workload, writer }) =>
      writer.restart(workload, stamp, resourceVersion, context.signal),
    )
    return 'void' in result ? result : { effect: { generation: result.generation, startedAt, stamp } }
  },

  follow(context, plan, effect, report) {
    const { deadlineMs, estimateMs, haltWhen: bounds } = recorded(planned, plan.parameters)
    const { generation, startedAt } = recorded(followed, effect)
    const rollout = { what: 'The restart', as: 'new and ready', startedAt, deadlineMs, estimateMs, bounds, generation }
    return followRollout(context, plan, rollout, report)
  },

  halt(context, plan, effect, reason) {
    const { stamp } = recorded(followed, effect)
    return haltRollout(context, plan, {
      reason,
      isOurs: ({ restartStamp }) => stamp === undefined || restartStamp === stamp,
      next: ({ workload }, [newest]) => (newest === undefined ? [] : [rollbackOffer(workload, newest)]),
    })
  },

  async inspect(context, plan, { approvedAt }) {
    const { workload, writer } = plannedWorkload(context, plan)
    const state = await writer.target(workload, context.signal)
    return state.restartStamp === stampOf(approvedAt)
      ? `What can be seen: ${describe(workload)} carries the mark of this restart, so it did start.`
      : `What can be seen: ${describe(workload)} does not carry the mark of this restart, so it probably did not start.`
  },
})

async function planFor(planning: Planning, deadlineMs: number, bounds: readonly Bound[]): Promise<Plan> {
  const { context, workload, state } = planning
  const atOnce = Math.max(1, state.maxSurge + state.maxUnavailable)
  const [preflight, expected, noPlace] = await Promise.all([
    askAll(planning, questions(context.now(), bounds)),
    estimate(planning, { kind: 'rolling-restart', noun: 'restart', steps: Math.ceil(state.replicas / atOnce) }),
    surgeFitsNowhere(planning),
  ])
  const cost = await costOf(planning, Math.min(state.replicas, state.maxUnavailable), expected)
  const what = `${count(state.replicas, 'pod')} of ${describe(workload)} on ${workload.cluster}`
  return {
    target: { service: context.service.name, workload, uid: state.uid, generation: state.generation },
    button: buttonText(`Restart ${workload.name}`),
    summary: `Rolling restart of ${describe(workload)} on ${workload.cluster}: ${count(state.replicas, 'pod')}, ${state.strategy}`,
    blastRadius: blastRadius(`Restarts ${what}, ${state.strategy}`, cost.clauses),
    details: [
      `At most ${count(state.maxUnavailable, 'pod')} fewer and ${state.maxSurge} more than ${state.replicas} while it goes on.`,
      expected.text,
      ...cost.sentences,
      'Requests that a stopping pod holds may fail.',
      ...bounds.map(({ query, above }) => `It stops when \`${query}\` is above ${above}.`),
    ],
    preflight,
    ...((noPlace || state.heldBack !== undefined) && { instead: orderedInstead(workload) }),
    parameters: {
      deadlineMs,
      ...(expected.ms !== undefined && { estimateMs: expected.ms }),
      haltWhen: recordBounds(bounds),
    },
  }
}

function questions(now: number, bounds: readonly Bound[]) {
  return [
    permission(({ workload }) => [onWorkload(workload, 'patch')]),
    dryRun(({ workload, writer, signal }) => writer.tryRestart(workload, stampOf(now), signal)),
    hasPods,
    notPaused,
    notHeldBack,
    noRollout,
    budgetsBesideRollout,
    noForeignFreeze,
    roomForSurge,
    quietBefore(bounds),
  ]
}

/** Derived from the approval, never from the clock: the same restart twice is one restart. */
function stampOf(approvedAt: number): string {
  return new Date(approvedAt).toISOString()
}
