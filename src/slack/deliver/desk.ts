import type { Chart } from '../../domain/chart.ts'
import type { Hold, Logger } from '../../pipeline/ports.ts'
import type { SlackAnswer, SlackMethod } from '../api.ts'
import { SlackError } from '../errors.ts'
import type { SlackMeter } from '../meter.ts'
import type { Outbox, SendRequest } from '../outbox.ts'
import type { Priority } from '../priority.ts'
import type { KeptBack } from './kept-back.ts'
import type { Ledger } from './ledger.ts'

/** What every delivery of one run works with. */
export interface Desk {
  readonly outbox: Outbox
  readonly ledger: Ledger
  readonly log: Logger
  readonly meter: SlackMeter | undefined
  readonly now: () => number
  readonly keptBack: KeptBack
  /** Nothing is sent once it is over: another replica may be at it by then. */
  readonly hold: Hold
  readonly renderChart: (chart: Chart) => Promise<Uint8Array>
  readonly upload: (url: string, bytes: Uint8Array, signal: AbortSignal) => Promise<void>
}

/** Long enough for a slow Slack, short enough that one incident's run ends before its lease does. */
const DEADLINE_MS = 10_000

/** For what is not pressing: whoever waits for its turn holds up everything else that is to be said about the same incident. */
const SHORT_PATIENCE_MS = 700
const PATIENT: readonly Priority[] = ['person', 'urgent-card', 'card']

/** One call through the outbox. Rejects with `SlackError`. */
export async function callSlack(
  desk: Desk,
  method: SlackMethod,
  args: SlackAnswer,
  more: Partial<Pick<SendRequest, 'channel' | 'priority' | 'coalesceKey' | 'placeKey' | 'deadlineMs'>> = {},
): Promise<SlackAnswer> {
  const { signal, isHeld: isAllowed } = desk.hold
  const { priority = 'rest', deadlineMs = DEADLINE_MS } = more
  const patience = PATIENT.includes(priority) ? {} : { patienceMs: Math.min(SHORT_PATIENCE_MS, deadlineMs) }
  const request = { method, args, deadlineMs, signal, isAllowed, ...patience, ...more, priority }
  const answer = await desk.outbox.send(request)
  if (answer !== 'superseded') return answer
  // Only progress is superseded in practice; whoever waits for an answer is told that this one will not come.
  throw new SlackError({ kind: 'rate-limited', method, code: 'superseded', retryAfterMs: 1_000 })
}

/** What an operation rejected with, where that is Slack's doing; anything else is thrown on. */
export function slackFailure(error: unknown): SlackError {
  if (error instanceof SlackError) return error
  throw error
}
