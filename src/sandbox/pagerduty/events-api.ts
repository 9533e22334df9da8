import { z } from 'zod'
import type { Account } from './account.ts'
import { newId, routingKeyOf } from './records.ts'
import type { Answer } from './rest.ts'
import type { ServiceRecord } from './stand-in-types.ts'

const MAX_SUMMARY = 1024
const links = z.array(z.strictObject({ href: z.url(), text: z.string().optional() })).optional()
const routing_key = z.string().length(32)
const details = z.record(z.string(), z.unknown()).optional()

const alertEvent = z.discriminatedUnion('event_action', [
  z.strictObject({
    routing_key,
    event_action: z.literal('trigger'),
    dedup_key: z.string().max(255).optional(),
    client: z.string().optional(),
    client_url: z.string().optional(),
    links,
    images: z.array(z.unknown()).optional(),
    payload: z.strictObject({
      summary: z.string().min(1).max(MAX_SUMMARY),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime({ offset: true }).optional(),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: details,
    }),
  }),
  z.strictObject({
    routing_key,
    event_action: z.enum(['acknowledge', 'resolve']),
    dedup_key: z.string().min(1).max(255),
  }),
])

const changeEvent = z.strictObject({
  routing_key,
  links,
  images: z.array(z.unknown()).optional(),
  payload: z.strictObject({
    summary: z.string().min(1).max(MAX_SUMMARY),
    source: z.string().optional(),
    timestamp: z.iso.datetime({ offset: true }).optional(),
    custom_details: details,
  }),
})

/** Events API v2: alerts and changes from monitoring and pipelines, told apart by routing key. https://developer.pagerduty.com/docs/events-api-v2 */
export function createEventsApi(account: Account, services: readonly ServiceRecord[], now: () => number) {
  const serviceOf = (key: string) => services.find(({ id }) => routingKeyOf(id) === key)

  function enqueueAlert(body: unknown): Answer {
    const parsed = alertEvent.safeParse(body)
    if (!parsed.success) return invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
    const event = parsed.data
    const service = serviceOf(event.routing_key)
    if (!service) return invalid(['Invalid routing key'])
    const dedupKey = event.dedup_key ?? newId('', 32).toLowerCase()
    const open = account.incidents.find(
      (one) => one.service.id === service.id && one.incidentKey === dedupKey && one.status !== 'resolved',
    )
    if (event.event_action === 'trigger' && !open) {
      const { summary, severity, custom_details = {} } = event.payload
      const input = { serviceId: service.id, title: summary, details: custom_details, incidentKey: dedupKey }
      account.trigger(input, severity)
    }
    if (event.event_action === 'acknowledge' && open?.status === 'triggered') account.acknowledge(open)
    if (event.event_action === 'resolve' && open) account.resolve(open)
    return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: dedupKey } }
  }

  function enqueueChange(body: unknown): Answer {
    const parsed = changeEvent.safeParse(body)
    if (!parsed.success) return invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
    const { routing_key: key, payload } = parsed.data
    const service = serviceOf(key)
    if (!service) return invalid(['Invalid routing key'])
    const at = payload.timestamp === undefined ? now() : Date.parse(payload.timestamp)
    const changeLinks = (parsed.data.links ?? []).map(({ href, text }) => ({
      href,
      ...(text !== undefined && { text }),
    }))
    account.addChange({ service, summary: payload.summary, source: payload.source ?? '', at, links: changeLinks })
    return { status: 202, body: { status: 'success', message: 'Change event processed' } }
  }

  return {
    /** `path` is below the events base. */
    answer(method: string, path: string, raw: Buffer): Answer {
      const enqueue = path === '/v2/enqueue' ? enqueueAlert : path === '/v2/change/enqueue' ? enqueueChange : undefined
      if (!enqueue || method !== 'POST') return { status: 404, body: { status: 'not found' } }
      try {
        return enqueue(JSON.parse(raw.toString('utf8')))
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
        return invalid(['The body is not JSON'])
      }
    },
  }
}

function invalid(errors: readonly string[]): Answer {
  return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } }
}
