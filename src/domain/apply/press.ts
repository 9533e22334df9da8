import { policyOf } from '../approval-policy.ts'
import { breakGlassStandpoint, type Standpoint, standpoint } from '../authorize.ts'
import type { Press } from '../event.ts'
import type { Incident } from '../incident.ts'
import { remediationOf, withRemediation } from '../incident.ts'
import { blockedBecause, evidenceNow, offerRefusal, whoMay } from '../offers.ts'
import type { Approval, Basis, RefusalReason, Remediation } from '../remediation.ts'
import { canBreakGlass, failedPreflights } from '../remediation.ts'
import type { Service } from '../service.ts'
import type { TimelineEntry } from '../timeline.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed } from './applied.ts'
import { refuse, serviceGone } from './person.ts'

const LONGEST_REASON = 500

/** A button was pressed. */
export function applyClick(incident: Incident, press: Press, context: ApplyContext): Applied {
  const remediation = remediationOf(incident, press.remediationId)
  if (remediation === undefined) {
    const text = 'This button belongs to nothing that incbot knows; nothing was started.'
    return refuse(incident, press, { code: 'unknown-proposal', text }, context)
  }
  return decide(incident, remediation, press, context)
}

/** The one way to an approval, for buttons and commands alike: why not, or one more person who agrees. */
export function decide(incident: Incident, remediation: Remediation, press: Press, context: ApplyContext): Applied {
  const service = context.serviceByName(remediation.plan.target.service)
  if (service === undefined) return refuse(incident, press, serviceGone(remediation), context)
  const verdict = judge(incident, remediation, press, service, context)
  if ('refusal' in verdict) return refuse(incident, press, verdict.refusal, context, { remediationId: remediation.id })
  const approval = approvalOf(incident, remediation, press, verdict.basis, context)
  const complete = (remediation.endorsements?.length ?? 0) + 1 >= needed(remediation, verdict.basis)
  if (!complete) return endorse(incident, remediation, approval)
  return service.mode === 'act'
    ? approve(incident, remediation, approval)
    : rehearse(incident, remediation, approval, context.now)
}

/** Every rule, in the order in which a person can do something about it. */
function judge(
  incident: Incident,
  remediation: Remediation,
  press: Press,
  service: Service,
  { now, standing }: ApplyContext,
): Standpoint {
  const breakGlass = press.breakGlass === true
  const gone = offerRefusal(incident, remediation, { now, breakGlass })
  if (gone) return { refusal: gone }
  const policy = policyOf(service, remediation.kind)
  const stand = breakGlass
    ? breakGlassStandpoint(press.by, service, standing)
    : standpoint(press.by, service, policy, standing)
  if ('refusal' in stand) return stand
  const reason =
    (breakGlass ? closedToBreakGlass(remediation) : undefined) ??
    missingReason(remediation, press) ??
    (breakGlass ? undefined : ownRequest(remediation, press, policy.requesterMayApprove, service)) ??
    (breakGlass ? undefined : sameHuman(remediation, press, { standing }))
  return reason ? { refusal: reason } : stand
}

function closedToBreakGlass(remediation: Remediation): RefusalReason | undefined {
  if (remediation.state !== 'blocked') {
    const text = `Nothing stands in the way of “${remediation.title}”, so there is no glass to break: press its own button.`
    return { code: 'blocked', text }
  }
  if (canBreakGlass(remediation.plan)) return undefined
  const text = `${blockedBecause(remediation)} Breaking the glass would not help: the cluster itself would refuse it.`
  return { code: 'blocked', text }
}

function missingReason(remediation: Remediation, { reason, breakGlass }: Press): RefusalReason | undefined {
  if (breakGlass !== true && remediation.reasonRequired !== true) return undefined
  if ((reason ?? '').trim() !== '') return undefined
  return { code: 'reason-missing', text: `“${remediation.title}” needs a reason, typed by who approves it.` }
}

function ownRequest(
  remediation: Remediation,
  { by }: Press,
  requesterMayApprove: boolean,
  service: Service,
): RefusalReason | undefined {
  if (requesterMayApprove || remediation.requestedBy !== by.user) return undefined
  const text = `You asked for “${remediation.title}” yourself, so somebody else must approve it. ${whoMay(service, remediation)}`
  return { code: 'requester', text }
}

/** The same human never counts twice, and who cannot be told apart does not count either. */
function sameHuman(
  remediation: Remediation,
  { by }: Press,
  { standing }: Pick<ApplyContext, 'standing'>,
): RefusalReason | undefined {
  const before = remediation.endorsements ?? []
  if (needed(remediation) === 1) return undefined
  const email = standing.facts === 'unknown' ? undefined : standing.facts.email
  if (email === undefined) {
    const text = `“${remediation.title}” needs ${needed(remediation)} different people, and Slack tells no confirmed e-mail address of yours by which they could be told apart. Ask somebody with one.`
    return { code: 'cannot-tell', text }
  }
  const same = before.some((one) => one.by === by.user || one.email === email)
  if (!same) return undefined
  const text = `You have approved “${remediation.title}” already; it needs ${needed(remediation)} different people, and an e-mail address counts once whatever the account.`
  return { code: 'same-person', text }
}

/** Breaking the glass is one person's responsibility; everything else takes as many as were asked for when it was offered. */
function needed({ approvalsNeeded = 1 }: Remediation, basis?: Basis): number {
  return basis === 'break-glass' ? 1 : approvalsNeeded
}

function approvalOf(
  incident: Incident,
  remediation: Remediation,
  { by, reason }: Press,
  basis: Basis,
  { now, standing }: ApplyContext,
): Approval {
  const email = standing.facts === 'unknown' ? undefined : standing.facts.email
  const given = reason?.trim().slice(0, LONGEST_REASON)
  const overrode = basis === 'break-glass' ? failedPreflights(remediation.plan).map(({ text }) => text) : []
  return {
    by: by.user,
    ...(by.name !== undefined && { name: by.name }),
    at: now,
    ...(email !== undefined && { email }),
    basis,
    ...(given && { reason: given }),
    ...(overrode.length > 0 && { overrode }),
    evidence: evidenceNow(incident, remediation),
  }
}

function endorse(incident: Incident, remediation: Remediation, approval: Approval): Applied {
  const endorsements = [...(remediation.endorsements ?? []), approval]
  return changed(
    withRemediation(incident, remediation.id, { endorsements }),
    entry('remediation.endorsed', remediation, approval, `Agreed: ${remediation.plan.summary}`),
  )
}

function approve(incident: Incident, remediation: Remediation, approval: Approval): Applied {
  const glass = approval.basis === 'break-glass'
  const text = glass
    ? `Broke the glass for: ${remediation.plan.summary}. Reason: ${approval.reason ?? ''}`
    : `Approved: ${remediation.plan.summary}`
  return changed(
    withRemediation(incident, remediation.id, { state: 'approved', approval }),
    entry(glass ? 'remediation.glass-broken' : 'remediation.approved', remediation, approval, text),
  )
}

function rehearse(incident: Incident, remediation: Remediation, approval: Approval, now: number): Applied {
  const text = `Nothing was changed: ${remediation.plan.target.service} is in propose mode. With \`mode: act\` incbot would now: ${remediation.plan.summary}.`
  return changed(
    withRemediation(incident, remediation.id, {
      state: 'rehearsed',
      approval,
      finishedAt: now,
      outcome: { result: 'void', text },
    }),
    entry('remediation.rehearsed', remediation, approval, text),
  )
}

/** Who, on what grounds, for what exactly: what an auditor asks. */
function entry(type: string, remediation: Remediation, approval: Approval, text: string): TimelineEntry {
  const { by, at, basis, reason, overrode, evidence } = approval
  const { uid, generation, workload } = remediation.plan.target
  return {
    at,
    actor: by,
    type,
    text,
    data: {
      remediationId: remediation.id,
      kind: remediation.kind,
      basis,
      ...(reason !== undefined && { reason }),
      ...(overrode !== undefined && { overrode }),
      evidence,
      ...(workload && { workload }),
      ...(uid !== undefined && { uid }),
      ...(generation !== undefined && { generation }),
      approvals: `${(remediation.endorsements?.length ?? 0) + 1} of ${needed(remediation, basis)}`,
    },
  }
}
