/** The documented `incident` payload of a V3 webhook, with every field PagerDuty sends. */
export function aWebhookIncident(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'PGR0VU2',
    type: 'incident',
    self: 'https://api.pagerduty.com/incidents/PGR0VU2',
    html_url: 'https://acme.pagerduty.com/incidents/PGR0VU2',
    number: 2,
    status: 'triggered',
    incident_key: 'd3640fbd41094207a1c11e58e46b1662',
    created_at: '2026-04-09T15:16:27Z',
    title: 'Memory of inference is above 90 %',
    service: { ...aReference('PF9KMXH', 'inference', 'service_reference') },
    assignees: [aReference('PTUXL6G', 'Ada', 'user_reference')],
    escalation_policy: aReference('PUS0KTE', 'Default', 'escalation_policy_reference'),
    teams: [aReference('PFCVPS0', 'Engineering', 'team_reference')],
    priority: null,
    urgency: 'high',
    conference_bridge: null,
    resolve_reason: null,
    ...changes,
  }
}

/** The same incident as REST answers it. */
export function aRestIncident(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const { number, assignees: _, ...rest } = aWebhookIncident()
  const assignments = [{ at: '2026-04-09T15:16:28Z', assignee: aReference('PTUXL6G', 'Ada', 'user_reference') }]
  return { ...rest, incident_number: number, assignments, alert_counts: { all: 1 }, ...changes }
}

export function aReference(id: string, summary: string, type: string): Record<string, unknown> {
  return { id, summary, type, self: `https://api.pagerduty.com/${id}`, html_url: `https://acme.pagerduty.com/${id}` }
}

export function aWebhook(changes: Record<string, unknown> = {}): Buffer {
  const event = {
    id: '5ac64822-4adc-4fda-ade0-410becf0de4f',
    event_type: 'incident.triggered',
    resource_type: 'incident',
    occurred_at: '2026-04-09T15:16:27.169Z',
    agent: null,
    client: null,
    data: aWebhookIncident(),
    ...changes,
  }
  return Buffer.from(JSON.stringify({ event }))
}
