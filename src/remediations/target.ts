import type { z } from 'zod'
import type { Plan, Target } from '../domain/remediation.ts'
import type { Workload } from '../domain/service.ts'
import type { Applied, ClusterObserver, ClusterWriter, WorkloadState } from './cluster.ts'
import type { RecordedEffect, RemediationContext } from './remediation.ts'
import { RemediationError } from './remediation.ts'
import { describe } from './words.ts'

/** A conflict means that somebody else wrote first and nothing of ours happened; status updates do so many times a minute. */
const CONFLICTS = 8

/** What a plan is about, and the two ways to its cluster. */
export interface PlannedWorkload {
  readonly workload: Workload
  readonly writer: ClusterWriter
  /** Throws `RemediationError` where the cluster is not known any more. */
  readonly observer: () => ClusterObserver
}

/** Throws `RemediationError` where the plan names no workload, or there are no credentials to write to its cluster any more. */
export function plannedWorkload(context: RemediationContext, plan: Plan): PlannedWorkload {
  const { workload } = plan.target
  if (workload === undefined) throw new RemediationError('none', 'The plan names no workload.')
  return { workload, writer: context.writer(workload.cluster), observer: () => context.observer(workload.cluster) }
}

/** What was recorded with a plan or an effect, as this version of incbot understands it. Throws `RemediationError` where it does not. */
export function recorded<T>(schema: z.ZodType<T>, record: RecordedEffect): T {
  const parsed = schema.safeParse(record)
  if (parsed.success) return parsed.data
  throw new RemediationError('none', 'The record of this remediation is not one that this version of incbot can read.')
}

/** In which way the workload is no longer the one that was approved; undefined while it is. */
export function difference(workload: Workload, target: Target, state: WorkloadState): string | undefined {
  if (state.uid !== target.uid) return `${describe(workload)} was deleted and made anew since this was offered`
  if (target.generation !== undefined && state.generation !== target.generation)
    return `${describe(workload)} was changed by somebody since this was offered (generation ${target.generation} → ${state.generation})`
  return undefined
}

/** The same for whoever may still press, or just did. */
export function voidBecause(difference: string): string {
  return `${difference}; nothing was done. Ask for a fresh diagnosis.`
}

/** `changed` of every kind whose target is a workload. */
export async function workloadChanged(context: RemediationContext, plan: Plan): Promise<string | undefined> {
  const { workload, writer } = plannedWorkload(context, plan)
  const why = difference(workload, plan.target, await writer.target(workload, context.signal))
  return why && voidBecause(why)
}

/**
 * One change of the workload, fenced by the version that was read just before. A lost race is a definite no-effect, so it is tried again under
 * the same claim, as long as the workload is the approved one.
 */
export function fenced(
  context: RemediationContext,
  plan: Plan,
  change: (state: WorkloadState, target: PlannedWorkload) => Promise<Applied>,
): Promise<{ readonly generation: number } | { readonly void: string }> {
  const target = plannedWorkload(context, plan)
  const { workload, writer } = target
  return withoutConflict(describe(workload), async () => {
    const state = await writer.target(workload, context.signal)
    const why = difference(workload, plan.target, state)
    return why === undefined ? change(state, target) : { void: voidBecause(why) }
  })
}

/** Repeats what was refused because somebody wrote first; throws `RemediationError` when that does not end. */
export async function withoutConflict(
  what: string,
  attempt: () => Promise<Applied | { readonly void: string }>,
): Promise<{ readonly generation: number } | { readonly void: string }> {
  for (let count = 0; count < CONFLICTS; count += 1) {
    const result = await attempt()
    if ('void' in result) return result
    if (result.result === 'applied') return { generation: result.generation }
  }
  throw new RemediationError('none', `${what} changes so often that this change lost every one of ${CONFLICTS} races.`)
}
