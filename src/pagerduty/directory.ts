import { believed } from '../ops/believed.ts'
import type { Directory, Logger } from '../pipeline/ports.ts'
import type { PagerDutyOnCall } from './answers.ts'
import type { PagerDutyClient } from './client.ts'

export interface PagerDutyDirectoryOptions {
  /** Absent without an API token: then nothing is known. */
  readonly client: Pick<PagerDutyClient, 'alerts' | 'onCalls' | 'userEmail'> | undefined
  readonly log: Logger
  readonly now: () => number
}

/** Shifts change on the hour: an answer must not outlive one for long. */
const ON_CALL_FRESH_MS = 30_000
const ON_CALL_DEADLINE_MS = 5_000

/** What PagerDuty knows and its webhooks do not tell. Everything is `unknown` when PagerDuty does not say. */
export function pagerDutyDirectory({
  client,
  log,
  now,
}: PagerDutyDirectoryOptions): Pick<Directory, 'alertLabels' | 'onCall'> {
  if (client === undefined) return { alertLabels: async () => 'unknown', onCall: async () => 'unknown' }
  return {
    /** Details and labels of the alerts as one set. Of two alerts the later one counts, and a label more than a detail of the same name. */
    async alertLabels(pagerDutyIncidentId, signal) {
      try {
        const alerts = await client.alerts(pagerDutyIncidentId, signal)
        return Object.assign({}, ...alerts.map(({ details }) => details), ...alerts.map(({ labels }) => labels))
      } catch (error) {
        log.warn({ err: error, incident: pagerDutyIncidentId }, 'PagerDuty did not tell the labels of an incident')
        return 'unknown'
      }
    },

    onCall: believed({
      freshMs: ON_CALL_FRESH_MS,
      deadlineMs: ON_CALL_DEADLINE_MS,
      now,
      async ask(escalationPolicyId, signal) {
        const people = await client.onCalls(escalationPolicyId, signal)
        const addresses = await Promise.all(people.map((person) => addressOf(client, person, signal)))
        return [...new Set(addresses.flatMap((address) => address?.trim().toLowerCase() || []))]
      },
      onUnknown: (policy, error) => log.warn({ err: error, policy }, 'PagerDuty did not tell who is on call'),
    }),
  }
}

/** PagerDuty lists people without their addresses where it was not asked to include them, or would not. */
function addressOf(
  client: Pick<PagerDutyClient, 'userEmail'>,
  { userId, email }: PagerDutyOnCall,
  signal: AbortSignal,
): Promise<string | undefined> {
  return email === undefined ? client.userEmail(userId, signal) : Promise.resolve(email)
}
