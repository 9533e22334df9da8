import { frozenUntil } from '../advance.ts'
import { policyOf } from '../approval-policy.ts'
import { breakGlassStandpoint, standpoint } from '../authorize.ts'
import type { IncidentEvent, Request } from '../event.ts'
import type { BrokenGlass, Exemption, FreezeTerms } from '../freeze.ts'
import { LISTED_DEPLOYS, withExemption } from '../freeze.ts'
import type { Incident } from '../incident.ts'
import { remediationOf, withRemediation } from '../incident.ts'
import type { Basis, RefusalReason, Remediation } from '../remediation.ts'
import { formatMoment } from '../units.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed, unchanged } from './applied.ts'
import { commandIncident, refuse, serviceGone } from './person.ts'
import { decide } from './press.ts'

type Event<Type extends IncidentEvent['type']> = Extract<IncidentEvent, { type: Type }>

const LONGEST_MS = 7 * 24 * 3_600_000

/** `/inc freeze`: a remediation that who asked for it approves in the same breath, by the same rules as a button. */
export function applyFreezeRequested(
  incident: Incident | undefined,
  id: string,
  event: Event<'freeze-requested'>,
  context: ApplyContext,
): Applied {
  if (incident !== undefined) return unchanged(incident)
  const record = commandIncident(id, `Deploy freeze of ${event.service}`, event, context.now)
  const offered: Incident = { ...record, remediations: [{ ...event.remediation, requestedBy: event.by.user }] }
  const service = context.serviceByName(event.service)
  const mustBeAnother = service && !policyOf(service, event.remediation.kind).requesterMayApprove
  if (mustBeAnother) return changed(offered, asked(event, context.now))
  const press = { ...event, remediationId: event.remediation.id, reason: event.remediation.plan.parameters.reason }
  const reason = typeof press.reason === 'string' ? { reason: press.reason } : {}
  return decide(
    offered,
    { ...event.remediation, requestedBy: event.by.user },
    { requestId: press.requestId, by: press.by, channel: press.channel, remediationId: press.remediationId, ...reason },
    context,
  )
}

function asked(event: Event<'freeze-requested'>, now: number) {
  const text = `Asked for a deploy freeze of ${event.service}, which somebody else must approve`
  return { at: now, actor: event.by.user, type: 'command.freeze', text }
}

/** `/inc unfreeze`, sent to the incident that holds the freeze. */
export function applyUnfreezeRequested(
  incident: Incident,
  event: Event<'unfreeze-requested'>,
  context: ApplyContext,
): Applied {
  const { now } = context
  return onHeldFreeze(incident, event, context, { glass: { reason: event.reason } }, (frozen, basis) => {
    const text = `Lifted the freeze of ${frozen.plan.target.service}`
    const freeze = withGlass(frozen, event, basis, { at: now, reason: event.reason ?? '', what: text })
    return {
      incident: withRemediation(incident, frozen.id, { ended: { at: now, by: event.by.user }, ...freeze }),
      timeline: [
        {
          at: now,
          actor: event.by.user,
          type: 'freeze.lifted',
          text,
          data: { remediationId: frozen.id, basis, ...(event.reason !== undefined && { reason: event.reason }) },
        },
      ],
      effects: [{ do: 'lift-freeze', freezeId: frozen.id, by: event.by.user }],
    }
  })
}

/** The button that a reminder shows. Each reminder is good for one extension: a double click, or two people at once, extend it once. */
export function applyExtendRequested(
  incident: Incident,
  event: Event<'extend-requested'>,
  context: ApplyContext,
): Applied {
  const { now } = context
  return onHeldFreeze(incident, event, context, { remediationId: event.remediationId }, (frozen, basis) => {
    if (frozen.freeze?.remindedAt === undefined) return refuse(incident, event, notEnding(frozen, now), context)
    const until = Math.min((frozenUntil(frozen) ?? now) + event.byMs, now + LONGEST_MS)
    const { remindedAt: _again, ...terms } = frozen.freeze ?? {}
    const effect = { ...frozen.effect, frozenUntil: until }
    return {
      incident: withRemediation(incident, frozen.id, { effect, freeze: terms }),
      timeline: [
        {
          at: now,
          actor: event.by.user,
          type: 'freeze.extended',
          text: `Extended the freeze of ${frozen.plan.target.service} until ${formatMoment(until, now)}`,
          data: { remediationId: frozen.id, until, basis },
        },
      ],
      effects: [{ do: 'extend-freeze', freezeId: frozen.id, until }],
    }
  })
}

function notEnding(frozen: Remediation, now: number): RefusalReason {
  const until = formatMoment(frozenUntil(frozen) ?? now, now)
  const text = `This freeze holds until ${until}: it was extended already, or is not about to end yet. Nothing was changed.`
  return { code: 'already-used', text }
}

/** `/inc exempt`: one deploy may go ahead although the service is frozen. */
export function applyExemptRequested(
  incident: Incident,
  event: Event<'exempt-requested'>,
  context: ApplyContext,
): Applied {
  const { now } = context
  const { reason, kind, value } = event.exemption
  return onHeldFreeze(incident, event, context, { glass: { reason } }, (frozen, basis) => {
    const exemption: Exemption = { ...event.exemption, by: event.by.user, at: now }
    const what = `Let the deploy with the ${kind === 'label' ? 'label' : 'name'} ${value} through`
    const { freeze } = withGlass(frozen, event, basis, { at: now, reason, what })
    const terms: FreezeTerms = withExemption(freeze ?? frozen.freeze ?? {}, exemption)
    return {
      incident: withRemediation(incident, frozen.id, { freeze: terms }),
      timeline: [
        {
          at: now,
          actor: event.by.user,
          type: 'freeze.exempted',
          text: `Exempted ${exemption.kind} ${exemption.value} from the freeze of ${frozen.plan.target.service}: ${exemption.reason}`,
          data: { remediationId: frozen.id, exemption, basis },
        },
      ],
      effects: [{ do: 'exempt-deploy', freezeId: frozen.id, exemption }],
    }
  })
}

/** The freeze with a broken glass on record, where it was broken. */
function withGlass(
  { freeze, plan }: Remediation,
  { by }: Request,
  basis: Basis,
  broken: Pick<BrokenGlass, 'at' | 'reason' | 'what'>,
): { readonly freeze?: FreezeTerms } {
  if (basis !== 'break-glass') return {}
  const overrode = [`The freeze: ${plan.summary}`]
  const glass = { ...broken, by: by.user, ...(by.name !== undefined && { name: by.name }), overrode }
  return { freeze: { ...freeze, glass: [...(freeze?.glass ?? []), glass] } }
}

/** Whoever may freeze may also change or lift a freeze; with `glass`, so may who breaks the glass for it and says why. */
function onHeldFreeze(
  incident: Incident,
  request: Request,
  context: ApplyContext,
  {
    remediationId,
    glass,
  }: { readonly remediationId?: string; readonly glass?: { readonly reason: string | undefined } },
  then: (frozen: Remediation, basis: Basis) => Applied,
): Applied {
  const frozen = heldFreeze(incident, remediationId)
  if (frozen === undefined) {
    const over: RefusalReason = { code: 'nothing-to-do', text: 'This freeze has ended; there is nothing to change.' }
    return refuse(incident, request, over, context)
  }
  const service = context.serviceByName(frozen.plan.target.service)
  if (service === undefined) return refuse(incident, request, serviceGone(frozen), context)
  const stand = standpoint(request.by, service, policyOf(service, frozen.kind), context.standing)
  if ('basis' in stand) return then(frozen, stand.basis)
  const breaking = breakGlassStandpoint(request.by, service, context.standing)
  if (glass === undefined || 'refusal' in breaking) return refuse(incident, request, stand.refusal, context)
  if ((glass.reason ?? '').trim() !== '') return then(frozen, breaking.basis)
  const text = `You are no approver of ${service.name}, so this breaks the glass and needs a reason behind the command.`
  return refuse(incident, request, { code: 'reason-missing', text }, context)
}

function heldFreeze(incident: Incident, remediationId: string | undefined): Remediation | undefined {
  return incident.remediations.find(
    (one) =>
      (remediationId === undefined || one.id === remediationId) &&
      frozenUntil(one) !== undefined &&
      one.state === 'succeeded' &&
      one.ended === undefined,
  )
}

/** What was found out about where the freeze is enforced. */
export function applySurveyed(
  incident: Incident,
  event: Event<'enforcement-surveyed'>,
  { now }: ApplyContext,
): Applied {
  const frozen = remediationOf(incident, event.freezeId)
  if (frozen === undefined) return unchanged(incident)
  const known = new Map((frozen.freeze?.points ?? []).map(({ name, state }) => [name, state]))
  const news = event.points.filter(({ name, state }) => known.get(name) !== state)
  const next = withRemediation(incident, frozen.id, { freeze: { ...frozen.freeze, points: event.points } })
  if (news.length === 0) return changed(next)
  const text = `Where the freeze of ${frozen.plan.target.service} is enforced: ${news.map(({ name, state }) => `${name} ${state}`).join(', ')}`
  return changed(next, {
    at: now,
    actor: 'incbot',
    type: 'freeze.surveyed',
    text,
    data: { remediationId: frozen.id, points: event.points },
  })
}

export function applyDeployBlocked(incident: Incident, event: Event<'deploy-blocked'>): Applied {
  const frozen = remediationOf(incident, event.freezeId)
  if (frozen === undefined) return unchanged(incident)
  const { at, holder, deploy } = event.deploy
  const terms: FreezeTerms = {
    ...frozen.freeze,
    blockedCount: (frozen.freeze?.blockedCount ?? 0) + 1,
    blocked: [...(frozen.freeze?.blocked ?? []), event.deploy].slice(-LISTED_DEPLOYS),
  }
  return changed(withRemediation(incident, frozen.id, { freeze: terms }), {
    at,
    actor: holder,
    type: 'deploy.blocked',
    text: `Refused a deploy of ${frozen.plan.target.service}${deploy === undefined ? '' : `: ${deploy}`}`,
    data: { remediationId: frozen.id, ...event.deploy },
  })
}
