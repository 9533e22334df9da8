import type { Plan } from '../domain/remediation.ts'
import type { Workload } from '../domain/service.ts'
import type { Autoscaler, WorkloadState } from './cluster.ts'
import type { RemediationContext } from './remediation.ts'
import { type PlannedScale, planned } from './scale-record.ts'
import { difference, plannedWorkload, recorded, voidBecause, withoutConflict } from './target.ts'
import { describe, forKubectl } from './words.ts'

/** What sets the size of a workload now. */
export interface Size {
  readonly workload: Workload
  readonly scale: PlannedScale
  readonly state: WorkloadState
  readonly autoscaler: Autoscaler | undefined
}

export async function sizeNow(context: RemediationContext, plan: Plan): Promise<Size> {
  const { workload, writer, observer } = plannedWorkload(context, plan)
  const scale = recorded(planned, plan.parameters)
  const [state, autoscaler] = await Promise.all([
    writer.target(workload, context.signal),
    observer().autoscaler(workload, context.signal),
  ])
  return { workload, scale, state, autoscaler }
}

/** Sets the size, fenced by the version that was read. What was planned for is above what there was, so it never takes pods away. */
export function setSize(
  context: RemediationContext,
  plan: Plan,
): Promise<{ readonly generation: number } | { readonly void: string }> {
  const { workload, writer } = plannedWorkload(context, plan)
  return withoutConflict(describe(workload), async () => {
    const size = await sizeNow(context, plan)
    const why = sizeChange(plan, size)
    if (why !== undefined) return { void: voidBecause(why) }
    const { state, autoscaler, scale } = size
    return autoscaler === undefined
      ? writer.scale(workload, scale.to, state.resourceVersion, context.signal)
      : writer.setMinimum(autoscaler, scale.to, autoscaler.resourceVersion, context.signal)
  })
}

/**
 * In which way it is no longer what was planned for. An autoscaler changes the workload's generation all the time, so that with one it is the
 * autoscaler's own settings that count.
 */
export function sizeChange(plan: Plan, { workload, scale, state, autoscaler }: Size): string | undefined {
  return difference(workload, plan.target, state) ?? autoscalerChange(workload, scale, autoscaler)
}

function autoscalerChange(workload: Workload, planned: PlannedScale, now: Autoscaler | undefined): string | undefined {
  const what = describe(workload)
  const { autoscalerUid, minimum = 1, to } = planned
  if (autoscalerUid === undefined) return now && `${what} has got an autoscaler, ${now.name}, since this was offered`
  if (now === undefined) return `${what} has no autoscaler any more`
  if (now.uid !== autoscalerUid) return `${what} has another autoscaler than when this was offered`
  if (now.minReplicas !== minimum)
    return `The autoscaler ${now.name} keeps at least ${now.minReplicas} pods; it kept ${minimum} when this was offered`
  return now.maxReplicas < to ? `The autoscaler ${now.name} allows at most ${now.maxReplicas} pods now` : undefined
}

/** How many pods are set, in the field that was set or was to be; undefined where that is gone. */
export function sizeSet({ scale, state, autoscaler }: Size): number | undefined {
  return scale.autoscalerUid === undefined ? state.replicas : autoscaler?.minReplicas
}

export function sizeInWords(size: Size): string {
  const { workload, scale, state } = size
  const set = sizeSet(size)
  if (scale.autoscalerUid === undefined) return `${describe(workload)} is set to ${state.replicas} pods.`
  return set === undefined
    ? `${describe(workload)} has no autoscaler any more, and is set to ${state.replicas} pods.`
    : `The autoscaler of ${describe(workload)} keeps at least ${set} pods.`
}

/** What to type to have as few as before. */
export function wayBack({ workload, scale }: Size): string {
  return scale.autoscalerUid === undefined
    ? `\`kubectl scale ${forKubectl(workload)} --replicas=${scale.before}\`.`
    : `set \`minReplicas\` of its autoscaler to ${scale.minimum ?? 1}; it then takes away what is not needed.`
}
