import type { Plan } from '../domain/remediation.ts'
import type { PodIdentity } from './cluster.ts'
import type { Move } from './next-eviction.ts'
import type { RemediationContext } from './remediation.ts'
import { RemediationError } from './remediation.ts'
import { plannedWorkload } from './target.ts'

/** A budget that has nothing to spare is asked again only now and then. */
const AGAIN_MS = 5_000

type Taken = { readonly waiting: string } | { readonly halt: string }

/**
 * Takes one move after the other, and lets things settle between two evictions. Each eviction is bound to the pod's uid and so happens once,
 * whoever asks for it and however often.
 */
export function evictor(
  context: RemediationContext,
  plan: Plan,
  settleMs: number,
): (move: Exclude<Move, { do: 'done' }>) => Promise<Taken> {
  let quietSince: number | undefined
  let refusal: { readonly until: number; readonly text: string } | undefined

  return async (move) => {
    if (move.do === 'wait') {
      quietSince = undefined
      return { waiting: `waiting for ${move.for}` }
    }
    quietSince ??= context.now()
    if (!move.begins && context.now() - quietSince < settleMs) return { waiting: 'letting the new pod settle' }
    if (refusal !== undefined && context.now() < refusal.until) return { waiting: refusal.text }
    const off = await context.switchedOff()
    if (off !== undefined) return { halt: `incbot was switched off (${off}).` }
    context.signal.throwIfAborted()
    const refused = await evict(context, plan, move.pod)
    refusal = refused === undefined ? undefined : { until: context.now() + AGAIN_MS, text: refused }
    if (refused === undefined) quietSince = undefined
    return { waiting: refused ?? `waiting for ${move.pod.name} to stop` }
  }
}

/** Why it may not go now; undefined where it goes or has gone. What is not known shows at the next look. */
async function evict(context: RemediationContext, plan: Plan, pod: PodIdentity): Promise<string | undefined> {
  const { workload, writer } = plannedWorkload(context, plan)
  try {
    const answer = await writer.evict(workload.namespace, pod, context.signal)
    return answer.result === 'refused' ? `${pod.name} may not go now: ${withoutStop(answer.text)}` : undefined
  } catch (error) {
    if (!(error instanceof RemediationError) || context.signal.aborted) throw error
    return `${pod.name} could not be evicted: ${withoutStop(error.message)}`
  }
}

const withoutStop = (text: string): string => text.replace(/\.$/, '')
