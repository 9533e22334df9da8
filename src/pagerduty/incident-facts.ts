import { z } from 'zod'
import { fieldsOf } from '../domain/fields.ts'
import type { PagerDutyIncidentFacts } from '../domain/pagerduty-event.ts'
import { countIn, type Reference, referenceIn, referencesIn, textIn } from './loose.ts'
import { firstProblem, instant, inUtc, moment, NAME_LENGTH, referenceId } from './schema.ts'
import { oneLine, webUrl } from './text.ts'

const TITLE_LENGTH = 1000
const KEY_LENGTH = 255
const MAX_ASSIGNEES = 50

const whatever = z.unknown().optional()

/** What an incident must have; the rest is read by what forgives. */
const required = {
  id: referenceId,
  title: z.string(),
  status: z.enum(['triggered', 'acknowledged', 'resolved']),
  urgency: z.enum(['high', 'low']),
  service: z.object({ id: referenceId, summary: whatever }),
  created_at: instant,
  html_url: whatever,
  escalation_policy: whatever,
  incident_key: whatever,
  resolve_reason: whatever,
}

/** https://developer.pagerduty.com/docs/webhooks-overview, event data type `incident`. */
const inWebhook = z.object({
  ...required,
  type: z.literal('incident'),
  number: whatever,
  assignees: whatever,
})

/** The same incident in REST answers, where two fields have other names. */
const inRest = z.object({
  ...required,
  incident_number: whatever,
  assignments: whatever,
  last_status_change_at: whatever,
})

/** REST also says since when the status holds, which a webhook says as the event's time. */
export interface RestIncidentFacts extends PagerDutyIncidentFacts {
  /** ISO 8601 in UTC with milliseconds, though PagerDuty rounds down to seconds. */
  readonly statusAt: string
}

type Parsed<Facts> = { readonly ok: true; readonly incident: Facts } | { readonly ok: false; readonly problem: string }

/** Reads `event.data` of an incident's webhook. Never throws. */
export function incidentFromWebhook(data: unknown): Parsed<PagerDutyIncidentFacts> {
  const { success, data: incident, error } = inWebhook.safeParse(data)
  if (!success) return { ok: false, problem: firstProblem(error, 'event.data') }
  const assignees = referencesIn(incident.assignees, MAX_ASSIGNEES)
  return { ok: true, incident: facts(incident, incident.number, assignees) }
}

/** Reads one incident of a REST answer (`incident_number`, `assignments[].assignee`). Never throws. */
export function incidentFromRest(json: unknown): Parsed<RestIncidentFacts> {
  const { success, data: incident, error } = inRest.safeParse(json)
  if (!success) return { ok: false, problem: firstProblem(error, 'incident') }
  const assignments = Array.isArray(incident.assignments) ? incident.assignments : []
  const assignees = referencesIn(
    assignments.map((one) => fieldsOf(one).assignee),
    MAX_ASSIGNEES,
  )
  const read = facts(incident, incident.incident_number, assignees)
  const since = moment.safeParse(incident.last_status_change_at)
  return { ok: true, incident: { ...read, statusAt: since.success ? since.data : read.createdAt } }
}

type Required = z.infer<z.ZodObject<typeof required>>

function facts(incident: Required, number: unknown, assignees: readonly Reference[]): PagerDutyIncidentFacts {
  const { service, resolve_reason: reason, html_url: link } = incident
  return {
    id: incident.id,
    number: countIn(number),
    title: oneLine(incident.title, TITLE_LENGTH) || '(no title)',
    htmlUrl: typeof link === 'string' ? webUrl(link) : undefined,
    status: incident.status,
    urgency: incident.urgency,
    serviceId: service.id,
    serviceName: textIn(service.summary, NAME_LENGTH) || service.id,
    escalationPolicyId: referenceIn(incident.escalation_policy)?.id,
    incidentKey: textIn(incident.incident_key, KEY_LENGTH),
    createdAt: inUtc(incident.created_at),
    assignees: assignees.map(({ id, summary }) => ({ id, name: summary || id })),
    mergedInto: mergeTarget(reason),
  }
}

function mergeTarget(reason: unknown): string | undefined {
  const { type, incident } = fieldsOf(reason)
  return type === 'merge_resolve_reason' ? referenceIn(incident)?.id : undefined
}
