import { answered } from './answered.ts'
import type { Estimate } from './estimate.ts'
import type { Planning } from './planning.ts'
import { reason } from './preflight/ask.ts'
import { count, durationText, figure } from './words.ts'

/** What it costs while it is under way. */
export interface Cost {
  /** In figures, as clauses of one sentence. */
  readonly clauses: readonly string[]
  /** The same as sentences, and what is not known. */
  readonly sentences: readonly string[]
}

/** What it costs that `gone` pods are missing at a time. Never throws. */
export async function costOf(planning: Planning, gone: number, { ms }: Estimate): Promise<Cost> {
  const capacity = capacityClause(planning.state.replicas, gone, ms)
  const { known, unknown } = await requests(planning, Math.max(1, gone))
  const clauses = known === undefined ? [capacity] : [capacity, known]
  return { clauses, sentences: [...clauses, ...(unknown === undefined ? [] : [unknown])].map(asSentence) }
}

function asSentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`
}

function capacityClause(replicas: number, gone: number, ms: number | undefined): string {
  const long = ms === undefined ? 'for as long as it takes' : `for about ${durationText(ms)}`
  if (gone === 0) return `capacity stays at ${count(replicas, 'pod')}: one goes only when a new one is ready`
  if (gone >= replicas) return `no pod serves ${long}`
  return `capacity falls to ${replicas - gone} of ${count(replicas, 'pod')} ${long}`
}

async function requests(
  planning: Planning,
  atOnce: number,
): Promise<{ readonly known?: string; readonly unknown?: string }> {
  const { context, state, signal } = planning
  const { metrics, workloads } = context.service
  const query = metrics?.requests
  if (query === undefined || state.replicas === 0) return {}
  try {
    const total = await answered(signal, (ending) => context.measure(`sum(${query})`, ending))
    if (total === undefined) return notKnown('the query gives nothing')
    if (workloads.length > 1) return { known: `the whole service gets ${figure(total)} requests a second` }
    const share = figure(total * Math.min(1, atOnce / state.replicas))
    const by = atOnce === 1 ? 'each pod to go' : `the ${atOnce} pods that go at a time`
    return { known: `about ${share} of ${figure(total)} requests a second are served by ${by}` }
  } catch (error) {
    return notKnown(reason(planning, error).replace(/\.$/, ''))
  }
}

function notKnown(why: string): { readonly unknown: string } {
  return { unknown: `how many requests its pods serve is not known (${why})` }
}
