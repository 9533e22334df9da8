import { createHash } from 'node:crypto'
import { z } from 'zod'
import { firstProblem, jsonIn, line, link, moment, optional } from '../pagerduty/schema.ts'
import { oneLine } from '../pagerduty/text.ts'

/** A group of several thousand alerts has about so much. Alertmanager does not send again what is refused as too large. */
export const MAX_NOTIFICATION_BYTES = 4 * 1024 * 1024

const MAX_PAIRS = 64
const MAX_NAME = 100
const MAX_VALUE = 500

/** An alert as it stands in a notification. */
export type ReceivedAlert = z.output<typeof alert>

export interface Notification {
  readonly groupKey: string
  readonly alerts: readonly ReceivedAlert[]
  /** Alerts that Alertmanager left out because of its `max_alerts`. */
  readonly truncatedAlerts: number
}

export type ParsedNotification =
  | { readonly ok: true; readonly notification: Notification }
  | { readonly ok: false; readonly problem: string }

/** Labels and annotations: names and values bounded, as nobody reads a novel there. */
const pairs = z.record(z.string(), z.string()).transform((record) =>
  Object.fromEntries(
    Object.entries(record)
      .slice(0, MAX_PAIRS)
      .map(([name, value]) => [oneLine(name, MAX_NAME), oneLine(value, MAX_VALUE)]),
  ),
)

const alert = z
  .object({
    status: z.enum(['firing', 'resolved']),
    labels: pairs,
    annotations: pairs.default({}),
    startsAt: moment.transform((text) => Date.parse(text)),
    generatorURL: optional(link),
    fingerprint: z
      .string()
      .regex(/^[0-9a-zA-Z]{1,64}$/, 'expected a fingerprint')
      .exactOptional(),
  })
  .transform(({ fingerprint, ...same }) => ({ ...same, fingerprint: fingerprint ?? fingerprintOf(same.labels) }))

const envelope = z.object({
  version: z.literal('4', { error: 'expected version 4 of Alertmanager’s webhook' }),
  groupKey: line(500),
  truncatedAlerts: z.number().int().nonnegative().catch(0),
  // Not `min`: zod also asks what is no list for its length, and throws where that is an object that is no number.
  alerts: z.array(alert).refine((all) => all.length > 0, 'expected at least one alert'),
})

/**
 * Reads the body of a notification. What is not known is left alone, because Alertmanager adds fields; one alert that cannot be read
 * refuses all, so that nobody takes a half for the whole. Never throws; the problem names a place and an expectation, never the content.
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export function parseNotification(rawBody: Buffer): ParsedNotification {
  if (rawBody.length > MAX_NOTIFICATION_BYTES) return refused(`body: larger than ${MAX_NOTIFICATION_BYTES} bytes`)
  const parsed = envelope.safeParse(jsonIn(rawBody))
  return parsed.success ? { ok: true, notification: parsed.data } : refused(firstProblem(parsed.error))
}

/** Alertmanager before 0.19 sent none. */
function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16)
}

function refused(problem: string): ParsedNotification {
  return { ok: false, problem }
}
