import type { z } from 'zod'
import type { Plan } from '../domain/remediation.ts'
import { costOf } from './cost.ts'
import { estimate } from './estimate.ts'
import { followEvictions } from './follow-evictions.ts'
import { evictionOrder, stillOld } from './next-eviction.ts'
import { orderedParameters } from './ordered-offer.ts'
import { followed, planned } from './ordered-record.ts'
import { type Planning, planEach } from './planning.ts'
import { askAll } from './preflight/ask.ts'
import { budgetsForEvictions } from './preflight/budgets.ts'
import { noForeignFreeze } from './preflight/freezes.ts'
import { permission } from './preflight/permission.ts'
import { isThere, notAlone, othersReady } from './preflight/pods.ts'
import { roomForSuccessor } from './preflight/room.ts'
import { hasPods, noRollout } from './preflight/workload.ts'
import { recordPods } from './recorded-pods.ts'
import { defineRemediation } from './remediation.ts'
import { difference, plannedWorkload, recorded, voidBecause, workloadChanged } from './target.ts'
import { blastRadius, buttonText, count, describe, durationText, names, sentence } from './words.ts'

type Parameters = z.output<typeof orderedParameters>

/**
 * Restarts a workload one pod at a time by evicting them, each only while all others are ready. For what a rollout cannot do, because there is no
 * room for a surge pod or the workload keeps its pods back, and for whatever should lose no more than one pod at a time.
 */
export const orderedRestart = defineRemediation({
  kind: 'ordered-restart',
  title: 'Ordered restart',
  verify: true,
  restarts: true,
  parameters: orderedParameters,

  plan: (context, parameters) => planEach(context, parameters.only, (planning) => planFor(planning, parameters)),

  changed: workloadChanged,

  /** Changes nothing yet: it fixes which pods go, and in which order. Following does it, step by step. */
  async execute(context, plan) {
    const { workload, writer, observer } = plannedWorkload(context, plan)
    const { first } = recorded(planned, plan.parameters)
    const [state, pods] = await Promise.all([
      writer.target(workload, context.signal),
      observer().pods(workload, context.signal),
    ])
    const why = difference(workload, plan.target, state)
    if (why !== undefined) return { void: voidBecause(why) }
    return { effect: { startedAt: context.now(), pods: recordPods(evictionOrder(pods, first)) } }
  },

  follow: followEvictions,

  /** Whoever followed has been let go of before, so nothing more is evicted. */
  async halt(context, plan, effect, reason) {
    const { workload, observer } = plannedWorkload(context, plan)
    const { pods: order } = recorded(followed, effect)
    const pods = await observer().pods(workload, context.signal)
    const old = stillOld(order, pods)
    const fresh = pods.filter(({ uid }) => !old.some((one) => one.uid === uid))
    const said = [
      `Stopped: ${sentence(reason)}`,
      'Nothing more is evicted; a pod that is stopping or starting goes on with that by itself.',
      `New: ${
        names(
          fresh.map(({ name }) => name),
          20,
        ) || 'none'
      }. Still old: ${
        names(
          old.map(({ name }) => name),
          20,
        ) || 'none'
      }.`,
      'There is nothing to go back to: old and new pods are of the same version.',
    ]
    return { outcome: { result: 'halted', text: said.join(' ') }, offers: [] }
  },

  inspect: async () =>
    'What can be seen: nothing was evicted, because that begins only once the order of the pods is on record.',
})

async function planFor(planning: Planning, { deadline, settle, first }: Parameters): Promise<Plan> {
  const { context, workload, state } = planning
  const [preflight, expected, order] = await Promise.all([
    askAll(planning, [
      permission(() => [{ verb: 'create', group: '', resource: 'pods/eviction' }]),
      hasPods,
      notAlone,
      othersReady,
      isThere(first),
      noRollout,
      budgetsForEvictions,
      noForeignFreeze,
      roomForSuccessor,
    ]),
    estimate(planning, { kind: 'ordered-restart', noun: 'ordered restart', steps: state.replicas, betweenMs: settle }),
    planning.pods().then(
      (pods) => evictionOrder(pods, first),
      () => [],
    ),
  ])
  const cost = await costOf(planning, 1, expected)
  const what = `${count(state.replicas, 'pod')} of ${describe(workload)} on ${workload.cluster}`
  return {
    target: { service: context.service.name, workload, uid: state.uid, generation: state.generation },
    button: buttonText(`Restart ${workload.name} one by one`),
    summary: `Ordered restart of ${describe(workload)} on ${workload.cluster}: ${count(state.replicas, 'pod')}, one at a time, by eviction`,
    blastRadius: blastRadius(`Evicts ${what}, one at a time`, cost.clauses),
    details: [
      ...(order.length === 0
        ? []
        : [
            `In this order: ${names(
              order.map(({ name }) => name),
              12,
            )}.`,
          ]),
      `Each goes only while all others are ready, ${durationText(settle)} after the one before it became ready, and as disruption budgets allow.`,
      expected.text,
      ...cost.sentences,
      'Requests that a stopping pod holds may fail.',
    ],
    preflight,
    parameters: {
      deadlineMs: deadline,
      settleMs: settle,
      ...(expected.ms !== undefined && { estimateMs: expected.ms }),
      ...(first !== undefined && { first }),
    },
  }
}
