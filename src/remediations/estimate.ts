import { answered } from './answered.ts'
import type { ObservedPod } from './cluster.ts'
import type { Planning } from './planning.ts'
import { reason } from './preflight/ask.ts'
import type { PastExecution } from './remediation.ts'
import { count, durationText } from './words.ts'

/** How many of the last ones are told: older ones say little about today's pods. */
const REMEMBERED = 3

/** How long something will take, and what that rests on; `ms` is undefined where nobody can say. */
export interface Estimate {
  readonly ms: number | undefined
  readonly text: string
}

interface Manner {
  readonly kind: string
  /** What one of them is called: "restart". */
  readonly noun: string
  /** How many times pods are waited for, one after the other. */
  readonly steps: number
  /** Waited after each step. */
  readonly betweenMs?: number
  /** Whether pods stop as well as start. */
  readonly stops?: boolean
}

/** From how long the last ones took; where there were none, from how long its pods take to start and may take to stop. Never throws. */
export async function estimate(planning: Planning, manner: Manner): Promise<Estimate> {
  const { context, workload, signal } = planning
  const past = await answered(signal, () => context.history(workload)).catch(() => [])
  const remembered = fromHistory(past, manner)
  if (remembered !== undefined) return remembered
  try {
    return fromPods(await planning.pods(), manner)
  } catch (error) {
    return { ms: undefined, text: `How long it takes is not known: ${reason(planning, error)}` }
  }
}

function fromHistory(past: readonly PastExecution[], { kind, noun }: Manner): Estimate | undefined {
  const took = past
    .filter((one) => one.kind === kind && one.result === 'succeeded')
    .slice(0, REMEMBERED)
    .map(({ startedAt, finishedAt }) => finishedAt - startedAt)
  if (took.length === 0) return undefined
  const ms = took.reduce((sum, one) => sum + one, 0) / took.length
  const [least, most] = [durationText(Math.min(...took)), durationText(Math.max(...took))]
  const range = least === most ? least : `${least} to ${most}`
  const which = took.length === 1 ? `the last ${noun}` : `the last ${took.length} ${noun}s`
  return { ms, text: `It takes about ${durationText(ms)}, as ${which} took ${range}.` }
}

function fromPods(pods: readonly ObservedPod[], { steps, betweenMs = 0, stops = true }: Manner): Estimate {
  const starts = pods.flatMap(({ startMs }) => startMs ?? [])
  if (starts.length === 0) return { ms: undefined, text: 'How long it takes is not known: none of its pods is ready.' }
  const startMs = Math.max(...starts)
  const stopMs = stops ? Math.max(...pods.map((pod) => pod.stopMs)) : 0
  const ms = steps * (startMs + stopMs + betweenMs)
  const stopping = stops ? ` and may take ${durationText(stopMs)} to stop` : ''
  const waiting = betweenMs > 0 ? `, ${durationText(betweenMs)} of waiting after each` : ''
  return {
    ms,
    text: `It takes about ${durationText(ms)}: its pods took up to ${durationText(startMs)} to start${stopping}, in ${count(steps, 'step')}${waiting}.`,
  }
}
