import { z } from 'zod'
import {
  alertAnswer,
  changeAnswer,
  noteAnswer,
  onCallAnswer,
  type PagerDutyAlert,
  type PagerDutyChange,
  type PagerDutyNote,
  type PagerDutyOnCall,
  userAnswer,
} from './answers.ts'
import type { RestCall } from './attempt.ts'
import { type CallerOptions, createCaller } from './call.ts'
import { PagerDutyError } from './errors.ts'
import { incidentFromRest, type RestIncidentFacts } from './incident-facts.ts'
import { createPager } from './pages.ts'
import { firstProblem, referenceId } from './schema.ts'

export interface PagerDutyClientOptions extends Omit<CallerOptions, 'now'> {
  /** Address of a PagerDuty user; notes are written in this name. */
  readonly from: string
  readonly now?: () => number
  readonly logger?: { warn(fields: object, message: string): void }
}

/**
 * PagerDuty's REST API as far as incbot needs it. Every method has the deadline `timeoutMs` besides the caller's signal,
 * throws only `PagerDutyError`, and sends its request at most once.
 */
export interface PagerDutyClient {
  notes(incidentId: string, signal: AbortSignal): Promise<readonly PagerDutyNote[]>
  /** Not idempotent: after an `ambiguous` error, look into `notes` before writing again. */
  addNote(incidentId: string, content: string, signal: AbortSignal): Promise<PagerDutyNote>
  /** At most 500. */
  alerts(incidentId: string, signal: AbortSignal): Promise<readonly PagerDutyAlert[]>
  /** Triggered and acknowledged incidents of these services, however old. No services, no incidents. */
  openIncidents(serviceIds: readonly string[], signal: AbortSignal): Promise<readonly RestIncidentFacts[]>
  incident(id: string, signal: AbortSignal): Promise<RestIncidentFacts>
  /** Newest first, at most 1,000; widened to whole seconds. */
  changeEvents(
    serviceId: string,
    sinceMs: number,
    untilMs: number,
    signal: AbortSignal,
  ): Promise<readonly PagerDutyChange[]>
  /** Who is on call now, those paged first coming first. */
  onCalls(escalationPolicyId: string, signal: AbortSignal): Promise<readonly PagerDutyOnCall[]>
  /** `undefined` where PagerDuty shows none. */
  userEmail(id: string, signal: AbortSignal): Promise<string | undefined>
}

/** Keeps the address of a list request well below what servers accept. */
const SERVICES_PER_REQUEST = 50

/** See `PagerDutyClient`. */
export function createPagerDutyClient(options: PagerDutyClientOptions): PagerDutyClient {
  const { from, logger, now = Date.now, ...rest } = options
  const call = createCaller({ ...rest, now })
  const pages = createPager(call, (fields, message) => logger?.warn(fields, message))

  async function one<T extends z.ZodType>(request: RestCall, schema: T, signal: AbortSignal): Promise<z.infer<T>> {
    const parsed = schema.safeParse(await call(request, signal))
    if (parsed.success) return parsed.data
    const operation = `${request.method} ${request.path}`
    throw new PagerDutyError({
      kind: 'bad-answer',
      operation,
      detail: firstProblem(parsed.error),
      ambiguous: request.method !== 'GET',
    })
  }

  const get = (path: string): RestCall => ({ method: 'GET', path })

  return {
    async notes(incidentId, signal) {
      const path = `/incidents/${checked(incidentId)}/notes`
      const { notes } = await one(get(path), z.object({ notes: z.array(noteAnswer) }), signal)
      return notes
    },

    async addNote(incidentId, content, signal) {
      const path = `/incidents/${checked(incidentId)}/notes`
      const request = { method: 'POST', path, data: { note: { content } }, from } as const
      const { note } = await one(request, z.object({ note: noteAnswer }), signal)
      return note
    },

    alerts: async (incidentId, signal) =>
      pages(
        { path: `/incidents/${checked(incidentId)}/alerts`, key: 'alerts', schema: alertAnswer, atMost: 500 },
        signal,
      ),

    async openIncidents(serviceIds, signal) {
      const found = new Map<string, RestIncidentFacts>()
      for (let index = 0; index < serviceIds.length; index += SERVICES_PER_REQUEST) {
        const services = serviceIds.slice(index, index + SERVICES_PER_REQUEST)
        const query = {
          'service_ids[]': services,
          'statuses[]': ['triggered', 'acknowledged'],
          // Without it only the last 30 days are searched.
          date_range: 'all',
          // What opens meanwhile shifts pages so that incidents are seen twice, not missed.
          sort_by: 'created_at:desc',
        }
        const incidents = await pages(
          { path: '/incidents', key: 'incidents', query, schema: incidentAnswer, atMost: 10_000 },
          signal,
        )
        for (const incident of incidents) found.set(incident.id, incident)
      }
      return [...found.values()]
    },

    async incident(id, signal) {
      const { incident } = await one(get(`/incidents/${checked(id)}`), z.object({ incident: incidentAnswer }), signal)
      return incident
    },

    async changeEvents(serviceId, sinceMs, untilMs, signal) {
      const path = `/services/${checked(serviceId)}/change_events`
      const query = { since: utcSeconds(Math.floor(sinceMs / 1000)), until: utcSeconds(Math.ceil(untilMs / 1000)) }
      return pages({ path, key: 'change_events', query, schema: changeAnswer, atMost: 1000 }, signal)
    },

    async onCalls(escalationPolicyId, signal) {
      const query = {
        'escalation_policy_ids[]': [checked(escalationPolicyId)],
        'include[]': ['users'],
        earliest: 'true',
      }
      const all = await pages({ path: '/oncalls', key: 'oncalls', query, schema: onCallAnswer, atMost: 500 }, signal)
      const sorted = all.toSorted((a, b) => a.level - b.level)
      return sorted.filter(({ userId }, index) => sorted.findIndex((other) => other.userId === userId) === index)
    },

    userEmail: async (id, signal) => one(get(`/users/${checked(id)}`), userAnswer, signal),
  }
}

const incidentAnswer = z.unknown().transform((json, context) => {
  const parsed = incidentFromRest(json)
  if (parsed.ok) return parsed.incident
  context.addIssue(parsed.problem)
  return z.NEVER
})

/** Ids become path segments: one from outside must not lead elsewhere. */
function checked(id: string): string {
  if (referenceId.safeParse(id).success) return id
  throw new PagerDutyError({ kind: 'invalid', operation: 'not sent', detail: 'this is not a PagerDuty id' })
}

/** The API takes UTC without fractions of a second. */
function utcSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
