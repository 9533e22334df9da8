import type { Chart } from '../../domain/chart.ts'
import type { Logger } from '../../pipeline/ports.ts'
import type { SlackAnswer, SlackMethod } from '../api.ts'
import { SlackError } from '../errors.ts'
import type { SlackMeter } from '../meter.ts'
import type { Outbox, SendRequest } from '../outbox.ts'
import type { Ledger } from './ledger.ts'

/** What every delivery of one run works with. */
export interface Desk {
  readonly outbox: Outbox
  readonly ledger: Ledger
  readonly log: Logger
  readonly meter: SlackMeter | undefined
  readonly now: () => number
  readonly signal: AbortSignal
  readonly renderChart: (chart: Chart) => Promise<Uint8Array>
  readonly upload: (url: string, bytes: Uint8Array, signal: AbortSignal) => Promise<void>
}

/** Long enough for a slow Slack, short enough that one incident's run ends before its lease does. */
const DEADLINE_MS = 10_000

/** One call through the outbox. Rejects with `SlackError`. */
export async function callSlack(
  desk: Desk,
  method: SlackMethod,
  args: SlackAnswer,
  more: Partial<Pick<SendRequest, 'channel' | 'priority' | 'coalesceKey' | 'deadlineMs'>> = {},
): Promise<SlackAnswer> {
  const request = { method, args, priority: 'normal', deadlineMs: DEADLINE_MS, signal: desk.signal, ...more } as const
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
