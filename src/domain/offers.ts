import { policyOf } from './approval-policy.ts'
import { describeApprovers } from './authorize.ts'
import { worstSeverity } from './finding.ts'
import type { Incident, Investigation } from './incident.ts'
import { currentInvestigation } from './incident.ts'
import type { Evidence, RefusalReason, Remediation } from './remediation.ts'
import { failedPreflights, isFinal } from './remediation.ts'
import type { Service } from './service.ts'

/** Why this button no longer does anything; undefined when it does. */
export function offerRefusal(
  incident: Incident,
  remediation: Remediation,
  { now, breakGlass }: { readonly now: number; readonly breakGlass: boolean },
): RefusalReason | undefined {
  const { state, plan } = remediation
  if (state !== 'proposed' && state !== 'blocked') return alreadyDecided(remediation)
  if (now >= remediation.expiresAt) {
    return {
      code: 'expired',
      text: `This button has expired, because what it was offered for may have changed. Run \`/inc diagnose ${plan.target.service}\` for a fresh one.`,
    }
  }
  if (incident.status === 'resolved' && incident.origin !== 'command') {
    const what = incident.origin === 'schedule' ? 'pre-alert is closed' : 'incident is resolved'
    return { code: 'incident-closed', text: `This ${what}; nothing was started.` }
  }
  const changed = evidenceChange(incident, remediation)
  if (changed !== undefined) return { code: 'diagnosis-changed', text: `${changed} Nothing was started.` }
  if (state === 'blocked' && !breakGlass) return { code: 'blocked', text: blockedBecause(remediation) }
  return undefined
}

function alreadyDecided({ state, title, outcome, approval }: Remediation): RefusalReason {
  if (state === 'void' && approval === undefined)
    return {
      code: outcome?.because ?? 'already-used',
      text: `“${title}” is no longer offered: ${outcome?.text ?? 'it was withdrawn.'} Nothing was started.`,
    }
  const how = isFinal(state) ? 'is over' : 'is already under way'
  return {
    code: 'already-used',
    text: `“${title}” was pressed before: it ${how}. Nothing was started a second time.`,
  }
}

/** What failed, and what would fix it. */
export function blockedBecause({ plan, title }: Remediation): string {
  const why = failedPreflights(plan).map(({ text, fix }) => (fix === undefined ? text : `${text} ${fix}`))
  return `“${title}” cannot be done now: ${why.join(' ')}`
}

/** What an approval given now would rest on. */
export function evidenceNow(incident: Incident, remediation: Remediation): Evidence {
  const investigation = latestEvidence(incident, remediation)
  const leading = investigation?.diagnosis?.leading
  const severity = investigation && worstSeverity(investigation.findings)
  return {
    ...(investigation && { investigationId: investigation.id }),
    ...(leading && { hypothesis: leading.id, confidence: leading.confidence }),
    ...(severity && { severity }),
  }
}

/**
 * Why the evidence is no longer the one that this was offered for: another explanation leads, or it is worse or better than it was.
 * Undefined while it stands, and for what somebody asked for without a diagnosis.
 */
export function evidenceChange(incident: Incident, remediation: Remediation): string | undefined {
  if (remediation.hypothesis === undefined) return undefined
  const now = evidenceNow(incident, remediation)
  if (now.hypothesis !== remediation.hypothesis)
    return 'The diagnosis has changed since this was offered: another explanation leads, or none. Look at the newest one.'
  if (remediation.severity !== undefined && now.severity !== remediation.severity)
    return `The diagnosis has changed since this was offered: it is now ${now.severity ?? 'no longer a problem'}, and was ${remediation.severity}. Look at the newest one.`
  return undefined
}

/**
 * The checks that were run last. Those after a remediation count too, for what would be measured in the same way: a second restart is not to
 * rest on what the first one has mended. A freeze is still wanted then.
 */
function latestEvidence(incident: Incident, remediation: Remediation): Investigation | undefined {
  const current = currentInvestigation(incident)
  if (remediation.verifyAfterMs === undefined) return current
  const after = incident.investigations.findLast(
    (one) => one.reason === 'verification' && one.state === 'finished' && one.diagnosis !== undefined,
  )
  return (after?.finishedAt ?? 0) > (current?.finishedAt ?? 0) ? after : current
}

/** Who may approve this, and how many of them must: "Who may: @ana, @ml-platform; two different people." */
export function whoMay(service: Service, remediation: Remediation): string {
  const { approvers } = policyOf(service, remediation.kind)
  const needed = remediation.approvalsNeeded ?? 1
  const people = needed === 1 ? '' : `; ${needed} different people must agree`
  return `Who may: ${describeApprovers(approvers)}${people}.`
}
