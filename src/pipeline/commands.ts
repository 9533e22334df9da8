import type { AlertFacts } from '../domain/alert.ts'
import type { IncidentEvent, Person } from '../domain/event.ts'
import type { Exemption } from '../domain/freeze.ts'
import type { PagerDutyEvent } from '../domain/pagerduty-event.ts'
import { failedPreflights, isUnderWay } from '../domain/remediation.ts'
import type { Service } from '../domain/service.ts'
import { pagerDutyArrival, type StoredAlerts, storeAlerts } from './intake.ts'
import type { Pipeline } from './pipeline.ts'
import type { Ports } from './ports.ts'
import { offer } from './propose.ts'
import type { Recall } from './recall.ts'
import { remediationContext } from './remediation-context.ts'
import { RECENT, type StatusAnswer, statusReader } from './service-status.ts'

export type { FreezeStatus, ServiceStatus, StatusAnswer } from './service-status.ts'

/** A command that cannot be carried out, in words for the person who gave it. */
export interface CommandProblem {
  readonly problem: string
}

/** What people and systems may ask of incbot. Everything that changes something is stored durably before its promise resolves. */
export interface Commands {
  /** `duplicate` when it was stored before. */
  pagerDuty(event: Extract<PagerDutyEvent, { kind: 'incident' }>): Promise<'stored' | 'duplicate'>
  /**
   * All of one notification; those of high urgency first, so that one of them leads. Rejects when any of them could not be stored: sent
   * again, the others are duplicates.
   */
  alerts(alerts: readonly AlertFacts[]): Promise<StoredAlerts>
  /** `key` identifies the request, so that a repeated delivery starts nothing twice. Resolves with the report's id. */
  diagnose(service: Service, by: Person, channel: string, key: string): Promise<{ readonly incidentId: string }>
  /** A press of a remediation's button, with what was typed where the button asks for a reason. */
  click(
    incidentId: string,
    remediationId: string,
    by: Person,
    channel: string,
    key: string,
    typed?: { readonly reason?: string; readonly breakGlass?: boolean },
  ): Promise<CommandProblem | undefined>
  /** Stops one remediation, by the button beside it. */
  abortOne(
    incidentId: string,
    remediationId: string,
    by: Person,
    channel: string,
    key: string,
  ): Promise<CommandProblem | undefined>
  /** Stops whatever is under way for the service. */
  abort(
    service: Service,
    by: Person,
    channel: string,
    reason: string,
    key: string,
  ): Promise<CommandProblem | { readonly incidentIds: readonly string[] }>
  freeze(
    service: Service,
    by: Person,
    channel: string,
    request: { readonly durationMs: number; readonly reason: string },
    key: string,
  ): Promise<CommandProblem | { readonly incidentId: string }>
  /** `reason` is needed from who is no approver and breaks the glass for it. */
  unfreeze(
    service: Service,
    by: Person,
    channel: string,
    reason: string | undefined,
    key: string,
  ): Promise<CommandProblem | { readonly incidentIds: readonly string[] }>
  /** Moves the end of one freeze, by the button of its reminder. `freezeId` is the remediation that made it. */
  extend(
    incidentId: string,
    freezeId: string,
    byMs: number,
    by: Person,
    channel: string,
    key: string,
  ): Promise<CommandProblem | undefined>
  /** Lets one deploy through every freeze of the service. */
  exempt(
    service: Service,
    by: Person,
    channel: string,
    exemption: Pick<Exemption, 'kind' | 'value' | 'reason'>,
    key: string,
  ): Promise<CommandProblem | { readonly incidentIds: readonly string[] }>
  /**
   * Of one service, or of all that have an open incident or a freeze. From memory while the store does not answer; `unknown` where it never
   * did. Never rejects.
   */
  status(service: Service | undefined): Promise<StatusAnswer | 'unknown'>
}

const PLAN_MS = 5_000

export function createCommands(
  ports: Ports,
  pipeline: Pick<Pipeline, 'receive' | 'arrive'>,
  recall: Pick<Recall, 'last'>,
): Commands {
  async function toIncident(
    incidentId: string,
    event: IncidentEvent,
    dedupKey: string,
  ): Promise<CommandProblem | undefined> {
    if ((await ports.store.incident(incidentId)) === undefined) {
      return { problem: 'This button belongs to an incident that incbot no longer knows; nothing was started.' }
    }
    await pipeline.receive(incidentId, event, [dedupKey])
    return undefined
  }

  /** One request to several incidents: each has a refusal of its own to tell. */
  async function toAll(
    incidentIds: readonly string[],
    eventFor: (requestId: string) => IncidentEvent,
    key: string,
  ): Promise<{ readonly incidentIds: readonly string[] }> {
    for (const incidentId of incidentIds) {
      await pipeline.receive(incidentId, eventFor(key), [`command:${key}:${incidentId}`])
    }
    return { incidentIds }
  }

  async function frozenIncidents(service: Service): Promise<readonly string[]> {
    const freezes = await ports.store.activeFreezes(ports.now(), service.name)
    return [...new Set(freezes.map(({ incidentId }) => incidentId))]
  }

  return {
    async pagerDuty(event) {
      return (await pipeline.arrive(pagerDutyArrival(ports, event))).outcome
    },

    alerts: (alerts) => storeAlerts(ports, pipeline, alerts),

    async diagnose(service, by, channel, key) {
      const incidentId = `report-${key}`
      await pipeline.receive(incidentId, { type: 'diagnose-requested', service: service.name, by, channel }, [
        `command:${key}`,
      ])
      return { incidentId }
    },

    async click(incidentId, remediationId, by, channel, key, typed = {}) {
      const event = { type: 'clicked', requestId: key, remediationId, by, channel, ...typed } as const
      return toIncident(incidentId, event, `click:${key}`)
    },

    async abortOne(incidentId, remediationId, by, channel, key) {
      const reason = 'pressed “Stop”'
      const event = { type: 'abort-requested', requestId: key, remediationId, by, channel, reason } as const
      return toIncident(incidentId, event, `click:${key}`)
    },

    async abort(service, by, channel, reason, key) {
      const incidents = await ports.store.incidents({ service: service.name, limit: RECENT })
      const active = incidents.filter(({ remediations }) => remediations.some(isUnderWay)).map(({ id }) => id)
      if (active.length === 0) return { problem: `Nothing is under way for ${service.name}.` }
      return toAll(active, (requestId) => ({ type: 'abort-requested', requestId, by, channel, reason }), key)
    },

    async extend(incidentId, remediationId, byMs, by, channel, key) {
      const event = { type: 'extend-requested', requestId: key, remediationId, byMs, by, channel } as const
      return toIncident(incidentId, event, `click:${key}`)
    },

    async exempt(service, by, channel, exemption, key) {
      const frozen = await frozenIncidents(service)
      if (frozen.length === 0) return { problem: `${service.name} is not frozen.` }
      return toAll(frozen, (requestId) => ({ type: 'exempt-requested', requestId, by, channel, exemption }), key)
    },

    async freeze(service, by, channel, request, key) {
      const kind = ports.remediations.get('deploy-freeze')
      if (kind === undefined) return { problem: 'This incbot has no deploy freeze.' }
      const parameters = kind.parameters.safeParse({ duration: request.durationMs, reason: request.reason })
      if (!parameters.success)
        return { problem: `That is not a freeze: ${parameters.error.issues[0]?.message ?? 'bad duration'}.` }
      const incidentId = `freeze-${key}`
      const [plan] = await kind.plan(
        remediationContext(ports, service, incidentId, { signal: AbortSignal.timeout(PLAN_MS) }),
        parameters.data,
      )
      if (plan === undefined) return { problem: `There is nothing to freeze for ${service.name}.` }
      const [failed] = failedPreflights(plan)
      if (failed !== undefined) return { problem: failed.text }
      const remediation = offer(ports, service, kind, plan, {})
      const event = {
        type: 'freeze-requested',
        requestId: key,
        service: service.name,
        by,
        channel,
        remediation,
      } as const
      await pipeline.receive(incidentId, event, [`command:${key}`])
      return { incidentId }
    },

    async unfreeze(service, by, channel, reason, key) {
      const frozen = await frozenIncidents(service)
      if (frozen.length === 0) return { problem: `${service.name} is not frozen.` }
      return toAll(
        frozen,
        (requestId) => ({
          type: 'unfreeze-requested',
          requestId,
          by,
          channel,
          ...(reason !== undefined && { reason }),
        }),
        key,
      )
    },

    status: statusReader(ports, recall),
  }
}
