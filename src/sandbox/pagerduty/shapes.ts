import type { AlertRecord, ChangeRecord, IncidentRecord, NoteRecord } from './records.ts'
import type { ServiceRecord, UserRecord } from './stand-in-types.ts'

const API = 'https://api.pagerduty.com'
const SITE = 'https://acme.pagerduty.com'

export const isoSeconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`

/** https://developer.pagerduty.com/docs/webhooks-overview, event data type `incident`. */
export function webhookIncident(incident: IncidentRecord): unknown {
  return {
    ...identity(incident),
    type: 'incident',
    number: incident.number,
    ...common(incident),
    assignees: incident.assignees.map(userReference),
    conference_bridge: null,
    incident_type: { name: 'incident_default' },
  }
}

/** REST names two fields differently and says more. https://developer.pagerduty.com/api-reference */
export function restIncident(incident: IncidentRecord): unknown {
  const open = incident.status !== 'resolved'
  const alerts = incident.alerts.length
  return {
    ...identity(incident),
    type: 'incident',
    summary: `[#${incident.number}] ${incident.title}`,
    incident_number: incident.number,
    ...common(incident),
    updated_at: isoSeconds(incident.statusAt),
    last_status_change_at: isoSeconds(incident.statusAt),
    resolved_at: open ? null : isoSeconds(incident.statusAt),
    assigned_via: 'escalation_policy',
    assignments: open
      ? incident.assignees.map((user) => ({ at: isoSeconds(incident.createdAt), assignee: userReference(user) }))
      : [],
    acknowledgements: [],
    pending_actions: [],
    alert_counts: { all: alerts, triggered: open ? alerts : 0, resolved: open ? 0 : alerts },
    is_mergeable: true,
    first_trigger_log_entry: reference('log_entry', incident.log[0]?.id ?? incident.id, 'Triggered through the API'),
  }
}

export function webhookNote(incident: IncidentRecord, note: NoteRecord): unknown {
  return {
    incident: incidentReference(incident),
    id: note.id,
    content: note.content,
    trimmed: false,
    type: 'incident_note',
  }
}

export function restNote(note: NoteRecord): unknown {
  const user = note.user ? userReference(note.user) : null
  const channel = { summary: 'The PagerDuty website or APIs' }
  return { id: note.id, user, channel, content: note.content, created_at: isoSeconds(note.createdAt) }
}

export function restAlert(incident: IncidentRecord, alert: AlertRecord): unknown {
  return {
    ...reference('alert', alert.id, alert.summary),
    type: 'alert',
    status: incident.status === 'resolved' ? 'resolved' : 'triggered',
    alert_key: alert.key,
    created_at: isoSeconds(alert.createdAt),
    severity: alert.severity,
    suppressed: false,
    service: serviceReference(incident.service),
    incident: incidentReference(incident),
    body: { type: 'alert_body', contexts: [], details: alert.details },
  }
}

export function restChange(change: ChangeRecord): unknown {
  return {
    id: change.id,
    type: 'change_event',
    summary: change.summary,
    source: change.source,
    timestamp: new Date(change.at).toISOString(),
    services: [serviceReference(change.service)],
    integration: null,
    links: change.links,
    custom_details: {},
  }
}

export function restUser(user: UserRecord): unknown {
  return {
    ...userReference(user),
    type: 'user',
    name: user.name,
    email: user.email,
    time_zone: 'Etc/UTC',
    role: 'user',
  }
}

function reference(kind: string, id: string, summary: string): Record<string, unknown> {
  const path = kind === 'escalation_policy' ? 'escalation_policies' : kind === 'log_entry' ? 'log_entries' : `${kind}s`
  return { id, type: `${kind}_reference`, summary, self: `${API}/${path}/${id}`, html_url: `${SITE}/${path}/${id}` }
}

export const userReference = (user: UserRecord): Record<string, unknown> => reference('user', user.id, user.name)
export const policyReference = (id: string): Record<string, unknown> =>
  reference('escalation_policy', id, `Policy ${id}`)

const serviceReference = (service: ServiceRecord) => reference('service', service.id, service.name)
const incidentReference = (incident: IncidentRecord) => reference('incident', incident.id, incident.title)

function identity(incident: IncidentRecord): Record<string, unknown> {
  const { id, self, html_url } = reference('incident', incident.id, incident.title)
  return { id, self, html_url }
}

function common(incident: IncidentRecord): Record<string, unknown> {
  return {
    status: incident.status,
    incident_key: incident.incidentKey,
    created_at: isoSeconds(incident.createdAt),
    title: incident.title,
    service: serviceReference(incident.service),
    escalation_policy: policyReference(incident.service.escalationPolicyId),
    teams: [],
    priority: null,
    urgency: incident.urgency,
    resolve_reason: incident.mergedInto
      ? { type: 'merge_resolve_reason', incident: incidentReference(incident.mergedInto) }
      : null,
  }
}
