import { z } from 'zod'
import type { PagerDutyIncidentFacts } from '../domain/pagerduty-event.ts'
import { firstProblem, line, link, moment, optional, reference, referenceId } from './schema.ts'

const TITLE_LENGTH = 1000
const MAX_ASSIGNEES = 50

const shared = {
  id: referenceId,
  title: line(TITLE_LENGTH).transform((title) => title || '(no title)'),
  html_url: optional(link),
  status: z.enum(['triggered', 'acknowledged', 'resolved']),
  urgency: z.enum(['high', 'low']),
  service: reference,
  escalation_policy: optional(reference),
  incident_key: optional(line(255)),
  created_at: moment,
  resolve_reason: optional(z.object({ type: z.literal('merge_resolve_reason'), incident: reference })),
}

const incidentNumber = optional(z.number().int().nonnegative())
const people = <T extends z.ZodType>(person: T) =>
  optional(z.array(z.unknown())).transform((all) => readable(person, all))

/** https://developer.pagerduty.com/docs/webhooks-overview, event data type `incident`. */
const inWebhook = z
  .object({ ...shared, type: z.literal('incident'), number: incidentNumber, assignees: people(reference) })
  .transform((incident) => facts(incident, incident.number, incident.assignees))

/** REST also says since when the status holds, which a webhook says as the event's time. */
export interface RestIncidentFacts extends PagerDutyIncidentFacts {
  /** ISO 8601 in UTC with milliseconds, though PagerDuty rounds down to seconds. */
  readonly statusAt: string
}

/** The same incident in REST answers, where two fields have other names. */
const inRest = z
  .object({
    ...shared,
    incident_number: incidentNumber,
    assignments: people(z.object({ assignee: reference })),
    last_status_change_at: optional(moment),
  })
  .transform((incident): RestIncidentFacts => {
    const assignees = incident.assignments.map(({ assignee }) => assignee)
    const statusAt = incident.last_status_change_at ?? incident.created_at
    return { ...facts(incident, incident.incident_number, assignees), statusAt }
  })

type Parsed<Facts> = { readonly ok: true; readonly incident: Facts } | { readonly ok: false; readonly problem: string }

/** Reads `event.data` of an incident's webhook. Never throws. */
export function incidentFromWebhook(data: unknown): Parsed<PagerDutyIncidentFacts> {
  return parsed(inWebhook.safeParse(data), 'event.data')
}

/** Reads one incident of a REST answer (`incident_number`, `assignments[].assignee`). Never throws. */
export function incidentFromRest(json: unknown): Parsed<RestIncidentFacts> {
  return parsed(inRest.safeParse(json), 'incident')
}

function parsed<Facts>(result: z.ZodSafeParseResult<Facts>, under: string): Parsed<Facts> {
  if (result.success) return { ok: true, incident: result.data }
  return { ok: false, problem: firstProblem(result.error, under) }
}

type Shared = z.infer<z.ZodObject<typeof shared>>
type Reference = z.infer<typeof reference>

function facts(incident: Shared, number: number | undefined, assignees: readonly Reference[]): PagerDutyIncidentFacts {
  return {
    id: incident.id,
    number,
    title: incident.title,
    htmlUrl: incident.html_url,
    status: incident.status,
    urgency: incident.urgency,
    serviceId: incident.service.id,
    serviceName: incident.service.summary || incident.service.id,
    escalationPolicyId: incident.escalation_policy?.id,
    incidentKey: incident.incident_key,
    createdAt: incident.created_at,
    assignees: assignees.map(({ id, summary }) => ({ id, name: summary || id })),
    mergedInto: incident.resolve_reason?.incident.id,
  }
}

function readable<T extends z.ZodType>(schema: T, all: readonly unknown[] | undefined): z.infer<T>[] {
  const results = (all ?? []).slice(0, MAX_ASSIGNEES).map((one) => schema.safeParse(one))
  return results.flatMap((result) => (result.success ? [result.data] : []))
}
