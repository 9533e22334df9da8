import { z } from 'zod'
import type { Account } from './account.ts'
import { page, utc } from './page.ts'
import type { IncidentRecord } from './records.ts'
import { invalidInput } from './refusal.ts'
import { type Call, ok, PAGING, type Route } from './route.ts'
import { isoSeconds, restAlert, restIncident, restNote } from './shapes.ts'

const DAY = 24 * 3_600_000
const DEFAULT_RANGE_MS = 30 * DAY
const MAX_NOTE_LENGTH = 25_000

const noteBody = z.strictObject({ note: z.strictObject({ content: z.string().min(1).max(MAX_NOTE_LENGTH) }) })
const updateBody = z.strictObject({
  incident: z.strictObject({
    id: z.string().optional(),
    type: z.enum(['incident', 'incident_reference']),
    status: z.enum(['acknowledged', 'resolved']).optional(),
    title: z.string().min(1).optional(),
    urgency: z.enum(['high', 'low']).optional(),
  }),
})
const mergeBody = z.strictObject({
  source_incidents: z.array(z.strictObject({ id: z.string(), type: z.literal('incident_reference') })).min(1),
})

export function incidentRoutes(account: Account, now: () => number): Route[] {
  const incident = ({ params }: Call): IncidentRecord => account.incident(params.id ?? '')
  const read = { method: 'GET', needsFrom: false } as const
  const write = { query: [], needsFrom: true } as const
  return [
    {
      ...read,
      path: '/incidents',
      query: [
        ...PAGING,
        'date_range',
        'since',
        'until',
        'incident_key',
        'service_ids[]',
        'statuses[]',
        'urgencies[]',
        'sort_by',
        'time_zone',
      ],
      answer: ({ query }) => ok(page('incidents', selected(account.incidents, query, now()).map(restIncident), query)),
    },
    {
      ...read,
      path: '/incidents/:id',
      query: [],
      answer: (call) => ok({ incident: restIncident(incident(call)) }),
    },
    {
      ...read,
      path: '/incidents/:id/notes',
      query: [],
      answer: (call) => ok({ notes: incident(call).notes.map(restNote) }),
    },
    {
      ...read,
      path: '/incidents/:id/alerts',
      query: [...PAGING, 'statuses[]', 'alert_key', 'sort_by'],
      answer: (call) => {
        const one = incident(call)
        return ok(
          page(
            'alerts',
            one.alerts.map((alert) => restAlert(one, alert)),
            call.query,
          ),
        )
      },
    },
    {
      ...read,
      path: '/incidents/:id/log_entries',
      query: [...PAGING, 'is_overview', 'since', 'until', 'time_zone'],
      answer: (call) => {
        const entries = incident(call).log.map(({ at, ...entry }) => ({ ...entry, created_at: isoSeconds(at) }))
        return ok(page('log_entries', entries, call.query))
      },
    },
    {
      ...write,
      method: 'POST',
      path: '/incidents/:id/notes',
      answer: (call) => {
        const { content } = accepted(noteBody, call.body).note
        return { status: 201, body: { note: restNote(account.annotate(incident(call), content, call.from)) } }
      },
    },
    {
      ...write,
      method: 'PUT',
      path: '/incidents/:id',
      answer: (call) => {
        const one = incident(call)
        const change = accepted(updateBody, call.body).incident
        if (change.status === 'acknowledged') account.acknowledge(one, call.from)
        if (change.status === 'resolved') account.resolve(one, call.from)
        one.title = change.title ?? one.title
        one.urgency = change.urgency ?? one.urgency
        return ok({ incident: restIncident(one) })
      },
    },
    {
      ...write,
      method: 'PUT',
      path: '/incidents/:id/merge',
      answer: (call) => {
        const target = incident(call)
        const sources = accepted(mergeBody, call.body).source_incidents.map(({ id }) => account.incident(id))
        for (const source of sources) account.merge(source, target, call.from)
        return ok({ incident: restIncident(target) })
      },
    },
  ]
}

/** Without `date_range=all`, only the last 30 days are searched: an older incident that is still open is not found. */
function selected(all: readonly IncidentRecord[], query: URLSearchParams, now: number): IncidentRecord[] {
  const everything = query.get('date_range') === 'all'
  if (!everything && query.has('date_range')) throw invalidInput('date_range can only be all')
  const since = everything ? 0 : utc(query, 'since', now - DEFAULT_RANGE_MS)
  const until = everything ? Number.POSITIVE_INFINITY : utc(query, 'until', now)
  const services = query.getAll('service_ids[]')
  const statuses = query.getAll('statuses[]')
  const urgencies = query.getAll('urgencies[]')
  const key = query.get('incident_key')
  const sort = query.get('sort_by') ?? 'incident_number:asc'
  if (!/^(incident_number|created_at):(asc|desc)$/.test(sort)) throw invalidInput('sort_by is unknown')
  const chosen = all.filter(
    (one) =>
      (services.length === 0 || services.includes(one.service.id)) &&
      (statuses.length === 0 || statuses.includes(one.status)) &&
      (urgencies.length === 0 || urgencies.includes(one.urgency)) &&
      (key === null || key === one.incidentKey) &&
      one.createdAt >= since &&
      one.createdAt <= until,
  )
  return sort.endsWith(':desc') ? chosen.reverse() : chosen
}

function accepted<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const result = schema.safeParse(body)
  if (!result.success)
    throw invalidInput(...result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  return result.data
}
