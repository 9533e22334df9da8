import { z } from 'zod'
import { type PagerDutyEvent, TRANSITIONS } from '../domain/pagerduty-event.ts'
import { incidentFromWebhook } from './incident-facts.ts'
import { referenceIn } from './loose.ts'
import { eventId, firstProblem, jsonIn, lines, moment, referenceId } from './schema.ts'
import { oneLine } from './text.ts'

/** PagerDuty drops webhooks above 256 KB itself, so a larger body is not PagerDuty's. */
export const MAX_WEBHOOK_BYTES = 256 * 1024

const NOTE_LENGTH = 10_000
const TYPE_LENGTH = 200
const TRANSITION_OF = new Map(TRANSITIONS.map((transition) => [`incident.${transition}`, transition]))

export type ParsedWebhook =
  | { readonly ok: true; readonly event: PagerDutyEvent }
  | { readonly ok: false; readonly problem: string }

const envelope = z.object({
  event: z.object({
    id: eventId,
    event_type: z.string().refine((type) => oneLine(type, TYPE_LENGTH) !== '', 'expected an event type'),
    occurred_at: z.unknown().optional(),
    agent: z.unknown().optional(),
    data: z.unknown().optional(),
  }),
})

const note = z.object({
  type: z.literal('incident_note'),
  id: referenceId,
  incident: z.object({ id: referenceId }),
  content: lines(NOTE_LENGTH),
})

/**
 * Reads a V3 webhook body whose signature has been verified. Event types that we do not know are `ignored` whatever they
 * carry, because PagerDuty adds new ones; a known type with malformed data is a problem. Never throws; the problem
 * names a place and an expectation, never the content. https://developer.pagerduty.com/docs/webhooks-overview
 */
export function parseWebhook(rawBody: Buffer): ParsedWebhook {
  if (rawBody.length > MAX_WEBHOOK_BYTES) return refused(`body: larger than ${MAX_WEBHOOK_BYTES} bytes`)
  const outer = envelope.safeParse(jsonIn(rawBody))
  if (!outer.success) return refused(firstProblem(outer.error))
  const { event } = outer.data

  if (event.event_type === 'pagey.ping') return { ok: true, event: { kind: 'ping', eventId: event.id } }
  const transition = TRANSITION_OF.get(event.event_type)
  const isNote = event.event_type === 'incident.annotated'
  if (!transition && !isNote) {
    return {
      ok: true,
      event: { kind: 'ignored', eventId: event.id, eventType: oneLine(event.event_type, TYPE_LENGTH) },
    }
  }

  const occurredAt = moment.safeParse(event.occurred_at)
  if (!occurredAt.success) return refused(firstProblem(occurredAt.error, 'event.occurred_at'))
  const common = { eventId: event.id, occurredAt: occurredAt.data }
  if (!transition) return noteEvent(common, event.data)

  const parsed = incidentFromWebhook(event.data)
  if (!parsed.ok) return parsed
  const agent = referenceIn(event.agent)
  const by = agent?.summary || agent?.id
  return { ok: true, event: { kind: 'incident', ...common, transition, incident: parsed.incident, agent: by } }
}

function noteEvent(common: { eventId: string; occurredAt: string }, data: unknown): ParsedWebhook {
  const parsed = note.safeParse(data)
  if (!parsed.success) return refused(firstProblem(parsed.error, 'event.data'))
  const { id, incident, content } = parsed.data
  return { ok: true, event: { kind: 'note', ...common, incidentId: incident.id, noteId: id, content } }
}

function refused(problem: string): ParsedWebhook {
  return { ok: false, problem }
}
