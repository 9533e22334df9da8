import { createHmac } from 'node:crypto'

/** What every webhook of the bench is signed with. */
export const WEBHOOK_SECRET = 'bench-webhook-secret'

/** As large as PagerDuty's own usually are. */
const BODY_BYTES = 2_800

export interface WebhookPlan {
  /** Goes into every id, so that no webhook of a run is a duplicate of another. */
  readonly round: string
  readonly count: number
  /** The webhooks tell of this many incidents in turn. */
  readonly incidents: number
  /** The number of the first of them; 0 unless given. */
  readonly firstIncident?: number
  /** The ids of PagerDuty's services, one for each incident in turn. */
  readonly services: readonly string[]
}

/** Whole HTTP requests, signed as PagerDuty signs them, so that nothing is left to compute while the clock runs. */
export function webhookRequests(plan: WebhookPlan, host: string): readonly Buffer[] {
  const occurredAt = Date.now()
  return Array.from({ length: plan.count }, (_, index) => {
    const body = Buffer.from(webhookBody(plan, index, occurredAt))
    const signature = createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')
    const head = [
      'POST /webhooks/pagerduty HTTP/1.1',
      `host: ${host}`,
      'content-type: application/json',
      'user-agent: PagerDuty-Webhook/V3.0',
      `x-pagerduty-signature: v1=${signature}`,
      `x-webhook-id: ${plan.round}-${index}`,
      `content-length: ${body.length}`,
    ]
    return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
  })
}

/** One event in the shape of PagerDuty's V3 webhooks, with its usual ballast. */
function webhookBody(
  { round, incidents, firstIncident = 0, services }: WebhookPlan,
  index: number,
  occurredAt: number,
): string {
  const number = index % incidents
  const isFirst = index < incidents
  const incident = `Q${round}N${firstIncident + number}`
  const service = services[number % services.length] ?? 'PSERVICE0'
  const event = {
    id: `01${round}E${firstIncident}-${index}`,
    event_type: isFirst ? 'incident.triggered' : 'incident.priority_updated',
    resource_type: 'incident',
    // PagerDuty's times have milliseconds; two changes of one incident never have the same second here.
    occurred_at: new Date(occurredAt + Math.floor(index / incidents) * 1_000).toISOString(),
    agent: reference('user_reference', 'PUAGENT', 'Earline Greenholt'),
    client: { name: 'Monitoring', url: 'https://monitoring.example/alerts' },
    data: {
      id: incident,
      type: 'incident',
      self: `https://api.pagerduty.com/incidents/${incident}`,
      html_url: `https://example.pagerduty.com/incidents/${incident}`,
      number: number + 1,
      status: 'triggered',
      incident_key: `memory-${incident}`,
      created_at: new Date(occurredAt).toISOString().replace(/\.\d+/, ''),
      title: 'Memory of the model server is above 92 % of its limit',
      service: reference('service_reference', service, `${service} in production`),
      assignees: [
        reference('user_reference', 'PUONE', 'Earline Greenholt'),
        reference('user_reference', 'PUTWO', 'R. Beatty'),
      ],
      escalation_policy: reference('escalation_policy_reference', 'PPOLICY', 'Model serving, day and night'),
      teams: [reference('team_reference', 'PTEAM', 'Model serving')],
      priority: reference('priority_reference', 'PPRIORITY', 'P1'),
      urgency: 'high',
      conference_bridge: { conference_number: '+1 1234123412,,987654321#', conference_url: 'https://meet.example/1' },
      resolve_reason: null,
      incident_type: { name: 'incident_default' },
      body: { details: '' },
    },
  }
  const missing = BODY_BYTES - JSON.stringify({ event }).length
  event.data.body.details = 'memory 92.4 % of limit, rising since 03:12. '.repeat(64).slice(0, Math.max(0, missing))
  return JSON.stringify({ event })
}

function reference(type: string, id: string, summary: string) {
  const place = type.replace('_reference', '')
  return {
    html_url: `https://example.pagerduty.com/${place}s/${id}`,
    id,
    self: `https://api.pagerduty.com/${place}s/${id}`,
    summary,
    type,
  }
}
