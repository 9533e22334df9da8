import { type ChangeRecord, type IncidentRecord, type NoteRecord, newId } from './records.ts'
import { invalidInput, notFound, Refusal } from './refusal.ts'
import { webhookIncident, webhookNote } from './shapes.ts'
import type { PagerDutyStandInOptions, ServiceRecord, TriggerInput, UserRecord } from './stand-in-types.ts'

/** Something happened that webhook subscribers are told; `data` is a snapshot. */
export interface AccountEvent {
  readonly eventType: string
  readonly incidentId?: string
  readonly agent: UserRecord | undefined
  readonly data: unknown
}

export type Account = ReturnType<typeof createAccount>

/** The state behind the API. Every change is published; what PagerDuty refuses is thrown as a `Refusal`. */
export function createAccount(
  options: Pick<PagerDutyStandInOptions, 'services' | 'users'> & { readonly now: () => number },
  publish: (event: AccountEvent) => void,
) {
  const { now } = options
  const users = [...options.users]
  const incidents: IncidentRecord[] = []
  const changes: ChangeRecord[] = []
  const onCalls: { policyId: string; user: UserRecord; level: number }[] = []

  const service = (id: string): ServiceRecord => found(options.services.find((one) => one.id === id))
  const incident = (id: string): IncidentRecord => found(incidents.find((one) => one.id === id))
  const user = (id: string): UserRecord => found(users.find((one) => one.id === id))

  function happened(one: IncidentRecord, transition: string, agent: UserRecord | undefined): void {
    one.log.push({
      id: newId('R', 13),
      type: `${transition}_log_entry`,
      summary: `${one.title}: ${transition}`,
      at: now(),
    })
    publish({ eventType: `incident.${transition}`, incidentId: one.id, agent, data: webhookIncident(one) })
  }

  function become(one: IncidentRecord, status: IncidentRecord['status'], transition: string, agent?: UserRecord): void {
    one.status = status
    one.statusAt = now()
    happened(one, transition, agent)
  }

  function refuseResolved(one: IncidentRecord): void {
    if (one.status === 'resolved') throw new Refusal(400, 1001, 'Incident Already Resolved')
  }

  return {
    incidents: incidents as readonly IncidentRecord[],
    changes: changes as readonly ChangeRecord[],
    onCalls: onCalls as readonly (typeof onCalls)[number][],
    users: users as readonly UserRecord[],
    service,
    incident,
    user,

    trigger(input: TriggerInput, severity = 'critical'): IncidentRecord {
      const owner = service(input.serviceId)
      const key = input.incidentKey ?? newId('', 32).toLowerCase()
      const at = now()
      const alert = {
        id: newId('Q', 13),
        key,
        summary: input.title,
        severity,
        details: input.details ?? {},
        createdAt: at,
      }
      const one: IncidentRecord = {
        id: newId('Q', 13),
        number: incidents.length + 1,
        service: owner,
        incidentKey: key,
        createdAt: at,
        title: input.title,
        urgency: input.urgency ?? 'high',
        status: 'triggered',
        statusAt: at,
        mergedInto: undefined,
        assignees: onCalls
          .filter((one) => one.policyId === owner.escalationPolicyId && one.level === 1)
          .map((one) => one.user),
        alerts: [alert],
        notes: [],
        log: [],
      }
      incidents.push(one)
      happened(one, 'triggered', undefined)
      return one
    },

    acknowledge(one: IncidentRecord, agent?: UserRecord): void {
      refuseResolved(one)
      if (one.status === 'acknowledged') throw new Refusal(400, 1002, 'Incident Already Acknowledged')
      become(one, 'acknowledged', 'acknowledged', agent)
    },

    unacknowledge(one: IncidentRecord): void {
      if (one.status !== 'acknowledged') throw new Refusal(400, 1012, 'Incident is not Acknowledged')
      become(one, 'triggered', 'unacknowledged')
    },

    resolve(one: IncidentRecord, agent?: UserRecord): void {
      refuseResolved(one)
      become(one, 'resolved', 'resolved', agent)
    },

    reopen(one: IncidentRecord, agent?: UserRecord): void {
      if (one.status !== 'resolved') throw invalidInput('Only a resolved incident can be reopened')
      if (one.mergedInto) throw new Refusal(400, 1019, 'Incident Already Merged')
      become(one, 'triggered', 'reopened', agent)
    },

    /** The alerts move to the target; the source is resolved and says which incident took it over. */
    merge(source: IncidentRecord, target: IncidentRecord, agent?: UserRecord): void {
      if (source === target) throw invalidInput('An incident cannot be merged into itself')
      if (source.mergedInto) throw new Refusal(400, 1019, 'Incident Already Merged')
      refuseResolved(target)
      target.alerts = [...target.alerts, ...source.alerts]
      source.alerts = []
      source.mergedInto = target
      become(source, 'resolved', 'resolved', agent)
    },

    annotate(one: IncidentRecord, content: string, agent?: UserRecord): NoteRecord {
      const note = { id: newId('Q', 13), content, user: agent, createdAt: now() }
      one.notes.push(note)
      publish({ eventType: 'incident.annotated', incidentId: one.id, agent, data: webhookNote(one, note) })
      return note
    },

    addOnCall(policyId: string, person: UserRecord, level: number): void {
      if (!users.some(({ id }) => id === person.id)) users.push(person)
      onCalls.push({ policyId, user: person, level })
    },

    /** Everybody who was on call for the policy no longer is; these are, the first one at level 1. */
    replaceOnCall(policyId: string, people: readonly UserRecord[]): void {
      const others = onCalls.filter((one) => one.policyId !== policyId)
      onCalls.splice(0, onCalls.length, ...others)
      for (const [index, person] of people.entries()) this.addOnCall(policyId, person, index + 1)
    },

    addChange(change: Omit<ChangeRecord, 'id'>): void {
      changes.push({ id: newId('01', 24), ...change })
    },
  }
}

function found<T>(one: T | undefined): T {
  if (one === undefined) throw notFound()
  return one
}
