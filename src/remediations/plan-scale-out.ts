import type { z } from 'zod'
import type { Plan } from '../domain/remediation.ts'
import { formatBytes } from '../domain/units.ts'
import { answered } from './answered.ts'
import type { Autoscaler } from './cluster.ts'
import { estimate } from './estimate.ts'
import type { Planning } from './planning.ts'
import { askAll, type Question } from './preflight/ask.ts'
import { dryRun } from './preflight/dry-run.ts'
import { onWorkload, permission } from './preflight/permission.ts'
import { roomForMore } from './preflight/room.ts'
import { autoscalerAllows, isMore, sizeable } from './preflight/size.ts'
import { noRollout } from './preflight/workload.ts'
import { goalOf, type scaleParameters } from './scale-record.ts'
import { blastRadius, buttonText, count, describe, figure } from './words.ts'

/** What would be added, by which way, and whether it can be. Throws `RemediationError` where it is not known who sets the size. */
export async function planScaleOut(planning: Planning, parameters: z.output<typeof scaleParameters>): Promise<Plan> {
  const { context, workload, state, signal } = planning
  // Whoever sets replicas beside an autoscaler is undone by it, so that not knowing is no way to go on.
  const autoscaler = await answered(signal, (ending) => planning.observer().autoscaler(workload, ending))
  const to = goalOf(state.replicas, parameters)
  const added = Math.max(0, to - state.replicas)
  const [preflight, expected, each] = await Promise.all([
    askAll(planning, questions(autoscaler, to, added, parameters.nodesMayCome)),
    // A StatefulSet may start them one after the other; that is the longer way.
    estimate(planning, {
      kind: 'scale-out',
      noun: 'scale-out',
      steps: workload.kind === 'StatefulSet' ? Math.max(1, added) : 1,
      stops: false,
    }),
    requestsOf(planning, added),
  ])
  const what = `${describe(workload)} on ${workload.cluster}`
  const from = autoscaler === undefined ? state.replicas : autoscaler.minReplicas
  return {
    target: {
      service: context.service.name,
      workload,
      uid: state.uid,
      ...(autoscaler === undefined && { generation: state.generation }),
    },
    button: buttonText(`Scale ${workload.name} to ${to}`),
    summary: `Scale ${what} out from ${state.replicas} to ${count(to, 'pod')}`,
    blastRadius: blastRadius(`Adds ${count(added, 'pod')} to ${what}, ${state.replicas} → ${to}`, [
      ...(each === undefined ? [] : [each]),
      'nothing restarts',
    ]),
    details: [
      autoscaler === undefined
        ? 'No autoscaler sets its size, so the number of replicas is set.'
        : `The autoscaler ${autoscaler.name} sets its size: the least that it keeps goes from ${from} to ${to}, at most ${autoscaler.maxReplicas} as before.`,
      expected.text,
      ...(each === undefined ? [] : [`Each new pod ${each.replace(/^each /, '')}.`]),
      'incbot does not take them away again.',
    ],
    preflight,
    parameters: {
      to,
      before: state.replicas,
      deadlineMs: parameters.deadline,
      ...(expected.ms !== undefined && { estimateMs: expected.ms }),
      ...(autoscaler !== undefined && { autoscalerUid: autoscaler.uid, minimum: autoscaler.minReplicas }),
    },
  }
}

function questions(
  autoscaler: Autoscaler | undefined,
  to: number,
  added: number,
  nodesMayCome: boolean,
): readonly Question[] {
  return [
    sizeable,
    isMore(to),
    autoscalerAllows(autoscaler, to),
    permission(({ workload }) => [
      autoscaler === undefined
        ? onWorkload(workload, 'patch', 'scale')
        : { verb: 'patch', group: 'autoscaling', resource: 'horizontalpodautoscalers', name: autoscaler.name },
    ]),
    dryRun(({ workload, writer, signal }) =>
      autoscaler === undefined ? writer.tryScale(workload, to, signal) : writer.tryMinimum(autoscaler, to, signal),
    ),
    noRollout,
    roomForMore(added, nodesMayCome),
  ]
}

/** What each new pod asks for; undefined where that is not known. */
async function requestsOf({ room, context }: Planning, added: number): Promise<string | undefined> {
  if (added === 0) return undefined
  try {
    const { requestBytes, requestCpu } = await room(added)
    return `each asks for ${formatBytes(requestBytes, context.service.units)} and ${count(Number(figure(requestCpu)), 'CPU')}`
  } catch {
    return undefined
  }
}
