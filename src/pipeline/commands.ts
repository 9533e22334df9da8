import { pagerDutyIncidentId } from '../domain/apply/pagerduty.ts'
import type { Person } from '../domain/event.ts'
import type { Freeze } from '../domain/freeze.ts'
import type { Incident } from '../domain/incident.ts'
import type { PagerDutyEvent } from '../domain/pagerduty-event.ts'
import type { Service } from '../domain/service.ts'
import type { Pipeline } from './pipeline.ts'
import type { Ports } from './ports.ts'
import { offer, remediationContext } from './propose.ts'

/** A command that cannot be carried out, in words for the person who gave it. */
export interface CommandProblem {
  readonly problem: string
}

export interface ServiceStatus {
  readonly service: Service
  readonly incidents: readonly Incident[]
  readonly freezes: readonly Freeze[]
}

/** What people and systems may ask of incbot. Everything that changes something is stored durably before its promise resolves. */
export interface Commands {
  /** `duplicate` when it was stored before. */
  pagerDuty(event: Extract<PagerDutyEvent, { kind: 'incident' }>): Promise<'stored' | 'duplicate'>
  /** `key` identifies the request, so that a repeated delivery starts nothing twice. Resolves with the report's id. */
  diagnose(service: Service, by: Person, channel: string, key: string): Promise<{ readonly incidentId: string }>
  click(
    incidentId: string,
    remediationId: string,
    by: Person,
    channel: string,
    key: string,
  ): Promise<CommandProblem | undefined>
  freeze(
    service: Service,
    by: Person,
    channel: string,
    request: { readonly durationMs: number; readonly reason: string },
    key: string,
  ): Promise<CommandProblem | { readonly incidentId: string }>
  unfreeze(
    service: Service,
    by: Person,
    channel: string,
    key: string,
  ): Promise<CommandProblem | { readonly incidentIds: readonly string[] }>
  /** Of one service, or of all that have an open incident or a freeze. */
  status(service: Service | undefined): Promise<readonly ServiceStatus[]>
}

const PLAN_MS = 5_000

export function createCommands(ports: Ports, pipeline: Pick<Pipeline, 'receive'>): Commands {
  async function statusOf(service: Service): Promise<ServiceStatus> {
    const [incidents, freezes] = await Promise.all([
      ports.store.incidents({ service: service.name, open: true, limit: 5 }),
      ports.store.activeFreezes(ports.now(), service.name),
    ])
    return { service, incidents, freezes }
  }

  return {
    pagerDuty(event) {
      // The REST sweep knows an incident's creation, not the webhook's own moment: both name a trigger by it, to the second.
      const moment = event.transition === 'triggered' ? event.incident.createdAt : event.occurredAt
      const transition = `pd:${event.incident.id}:${event.transition}:${Math.floor(Date.parse(moment) / 1000)}`
      return pipeline.receive(pagerDutyIncidentId(event.incident.id), { type: 'pagerduty', event }, [
        `pd-event:${event.eventId}`,
        transition,
      ])
    },

    async diagnose(service, by, channel, key) {
      const incidentId = `report-${key}`
      await pipeline.receive(incidentId, { type: 'diagnose-requested', service: service.name, by, channel }, [
        `command:${key}`,
      ])
      return { incidentId }
    },

    async click(incidentId, remediationId, by, channel, key) {
      if ((await ports.store.incident(incidentId)) === undefined) {
        return { problem: 'This button belongs to an incident that incbot no longer knows; nothing was started.' }
      }
      await pipeline.receive(incidentId, { type: 'clicked', clickId: key, remediationId, by, channel }, [
        `click:${key}`,
      ])
      return undefined
    },

    async freeze(service, by, channel, request, key) {
      const kind = ports.remediations.get('deploy-freeze')
      if (kind === undefined) return { problem: 'This incbot has no deploy freeze.' }
      const parameters = kind.parameters.safeParse({ duration: request.durationMs, reason: request.reason })
      if (!parameters.success)
        return { problem: `That is not a freeze: ${parameters.error.issues[0]?.message ?? 'bad duration'}.` }
      const incidentId = `freeze-${key}`
      const [plan] = await kind.plan(
        remediationContext(ports, service, incidentId, AbortSignal.timeout(PLAN_MS)),
        parameters.data,
      )
      if (plan === undefined) return { problem: `There is nothing to freeze for ${service.name}.` }
      if (plan.blocked !== undefined) return { problem: plan.blocked }
      const remediation = offer(ports, kind, plan, { verifyAfterMs: 0 })
      await pipeline.receive(
        incidentId,
        { type: 'freeze-requested', service: service.name, by, channel, remediation },
        [`command:${key}`],
      )
      return { incidentId }
    },

    async unfreeze(service, by, channel, key) {
      const freezes = await ports.store.activeFreezes(ports.now(), service.name)
      if (freezes.length === 0) return { problem: `${service.name} is not frozen.` }
      const incidentIds = [...new Set(freezes.map((freeze) => freeze.incidentId))]
      for (const incidentId of incidentIds) {
        await pipeline.receive(incidentId, { type: 'unfreeze-requested', by, channel }, [
          `command:${key}:${incidentId}`,
        ])
      }
      return { incidentIds }
    },

    async status(service) {
      if (service !== undefined) return [await statusOf(service)]
      const all = await Promise.all(ports.catalogue().services.map(statusOf))
      return all.filter((one) => one.incidents.length > 0 || one.freezes.length > 0)
    },
  }
}
