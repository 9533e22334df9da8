import { z } from 'zod'
import type { Plan } from '../domain/remediation.ts'
import { costOf } from './cost.ts'
import { estimate } from './estimate.ts'
import { followRollout } from './follow-rollout.ts'
import { haltRollout } from './halt-rollout.ts'
import { type Planning, planEach } from './planning.ts'
import { askAll, impossible, passed, type Question } from './preflight/ask.ts'
import { noForeignFreeze } from './preflight/freezes.ts'
import { onWorkload, permission } from './preflight/permission.ts'
import { roomForSurge } from './preflight/room.ts'
import { defineRemediation } from './remediation.ts'
import { rollbackParameters } from './rollback-offer.ts'
import { fenced, plannedWorkload, recorded, workloadChanged } from './target.ts'
import { blastRadius, buttonText, count, describe, forKubectl } from './words.ts'

/** Fixed when planned. */
const planned = z.object({ toRevision: z.number(), deadlineMs: z.number(), estimateMs: z.number().optional() })
const followed = z.object({ generation: z.number(), startedAt: z.number() })

/** Takes a Deployment back to a revision that it had, and lets go of its pause in the same write. */
export const rollback = defineRemediation({
  kind: 'rollback',
  title: 'Roll back',
  verify: true,
  // Undoing must not take more people than doing did.
  restarts: false,
  parameters: rollbackParameters,

  plan: (context, { toRevision, deadline, only: which }) =>
    planEach(context, which, (planning) => planFor(planning, toRevision, deadline)),

  changed: workloadChanged,

  /** May be repeated: it is bound to the generation that was planned for, which its own first write ends. */
  async execute(context, plan) {
    const { toRevision } = recorded(planned, plan.parameters)
    const startedAt = context.now()
    const result = await fenced(context, plan, ({ resourceVersion }, { workload, writer }) =>
      writer.rollBack(workload, toRevision, resourceVersion, context.signal),
    )
    return 'void' in result ? result : { effect: { generation: result.generation, startedAt } }
  },

  follow(context, plan, effect, report) {
    const { toRevision, deadlineMs, estimateMs } = recorded(planned, plan.parameters)
    const as = `on revision ${toRevision} and ready`
    const rollout = { what: 'Going back', as, deadlineMs, estimateMs, bounds: [], ...recorded(followed, effect) }
    return followRollout(context, plan, rollout, report)
  },

  halt: (context, plan, effect, reason) =>
    haltRollout(context, plan, {
      reason,
      isOurs: ({ generation }) => generation === recorded(followed, effect).generation,
      next: () => [],
    }),

  async inspect(context, plan) {
    const { workload, writer } = plannedWorkload(context, plan)
    const { toRevision } = recorded(planned, plan.parameters)
    const { generation, earlierRevisions, paused } = await writer.target(workload, context.signal)
    const same = generation === plan.target.generation
    // Its revision is renamed to be the newest once the template is taken back.
    const there = earlierRevisions.includes(toRevision)
    return same
      ? `What can be seen: ${describe(workload)} is unchanged since this was offered, so it did not go back.`
      : `What can be seen: ${describe(workload)} was changed since this was offered, is ${paused ? 'still paused' : 'not paused'}, and revision ${toRevision} is ${there ? 'still an earlier one, so it probably did not go back' : 'no longer an earlier one, so it probably did go back'}.`
  },
})

async function planFor(planning: Planning, toRevision: number, deadlineMs: number): Promise<Plan> {
  const { context, workload, state } = planning
  const atOnce = Math.max(1, state.maxSurge + state.maxUnavailable)
  const [preflight, expected] = await Promise.all([
    askAll(planning, [
      permission(({ workload: one }) => [onWorkload(one, 'patch')]),
      isThere(toRevision),
      noForeignFreeze,
      roomForSurge,
    ]),
    estimate(planning, { kind: 'rollback', noun: 'rollback', steps: Math.ceil(state.replicas / atOnce) }),
  ])
  const cost = await costOf(planning, Math.min(state.replicas, state.maxUnavailable), expected)
  const what = `${describe(workload)} on ${workload.cluster} back to revision ${toRevision}`
  return {
    target: { service: context.service.name, workload, uid: state.uid, generation: state.generation },
    button: buttonText(`Roll ${workload.name} back to ${toRevision}`),
    summary: `Take ${what}: ${count(state.replicas, 'pod')}, ${state.strategy}`,
    blastRadius: blastRadius(`Takes ${what} and replaces its newer pods`, cost.clauses),
    details: [
      'Pods that are of that revision still are kept; the newer ones are replaced.',
      ...(state.paused ? ['It is paused now, and goes on with the same write.'] : []),
      expected.text,
      ...cost.sentences,
    ],
    preflight,
    parameters: { toRevision, deadlineMs, ...(expected.ms !== undefined && { estimateMs: expected.ms }) },
  }
}

const isThere = (toRevision: number): Question => ({
  what: 'revision',
  look({ workload, state }) {
    const what = describe(workload)
    if (workload.kind !== 'Deployment')
      return impossible(
        `${what} is no Deployment, and incbot goes back only with those.`,
        `By hand: kubectl rollout undo ${forKubectl(workload)}`,
      )
    if (state.earlierRevisions.includes(toRevision)) return passed(`Revision ${toRevision} is there.`)
    const there = state.earlierRevisions.length === 0 ? 'It has none' : `It has ${state.earlierRevisions.join(', ')}`
    return impossible(
      `${what} has no earlier revision ${toRevision}.`,
      `${there}: kubectl rollout history ${forKubectl(workload)}`,
    )
  },
})
