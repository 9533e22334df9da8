import { frozenUntil } from '../../domain/advance.ts'
import { formatTime } from '../../domain/finding.ts'
import type { Approval, Remediation } from '../../domain/remediation.ts'
import type { View } from '../../pipeline/ports.ts'
import { freezeLines } from './freeze.ts'
import { glassLines } from './glass.ts'
import { podsLine } from './pods.ts'
import { mention, sentence, shorten } from './text.ts'
import { withdrawnLines } from './withdrawn.ts'

/** What was pressed, is under way, came to its end or was withdrawn. Open offers are told elsewhere. */
export function remediationLines({ incident, now }: View): readonly string[] {
  const decided = incident.remediations.flatMap((one) => {
    const line = remediationLine(one)
    return line === undefined
      ? []
      : [line, ...glassLines(one), ...(one.state === 'following' ? podsLine(one) : []), ...freezeLines(one, now)]
  })
  return [...decided, ...withdrawnLines(incident.remediations)]
}

/** Undefined for offers that are open, or were withdrawn before they were approved. */
export function remediationLine(remediation: Remediation): string | undefined {
  const { plan, approval, outcome } = remediation
  const what = sentence(plan.button)
  const who = approvedBy(remediation)
  switch (remediation.state) {
    case 'proposed':
    case 'blocked':
      return undefined
    case 'approved':
    case 'executing':
      return `:hourglass_flowing_sand: *${what}*: ${stopping(remediation) ?? 'starting'}${who}`
    case 'following':
      return `:hourglass_flowing_sand: *${what}*: ${followed(remediation)}${who}`
    case 'succeeded':
      return `:white_check_mark: *${what}*: ${sentence(outcome?.text ?? 'done')}${endOfFreeze(remediation)}${who}`
    case 'failed':
      return `:x: *${what}*: ${sentence(outcome?.text ?? 'failed')}${who}`
    case 'halted':
      return `:octagonal_sign: *${what}*: halted. ${sentence(outcome?.text ?? '')}${who}`
    case 'unknown':
      return `:warning: *${what}*: ${sentence(outcome?.text ?? 'not known')}${who}`
    case 'rehearsed':
      return `:information_source: *${what}*: ${sentence(outcome?.text ?? 'nothing was changed')}${who}`
    case 'void':
      return approval && `:no_entry: *${what}*: ${sentence(outcome?.text ?? 'not done')}${who}`
  }
}

/** "██░░ 3 of 12 pods ready, 40 s", or that it stops. */
function followed(remediation: Remediation): string {
  const { progress } = remediation
  const far = progress && `${bar(progress.done, progress.total)} ${sentence(progress.text)}`
  const halting = stopping(remediation)
  return [halting, far].filter((part) => part !== undefined).join(' · ') || 'under way'
}

function stopping({ halt }: Remediation): string | undefined {
  if (halt === undefined) return undefined
  const who = halt.by === 'incbot' ? 'incbot' : mention(halt.by)
  return `stopping… (${who} at ${formatTime(halt.at)}: ${sentence(shorten(halt.reason, 200))})`
}

function approvedBy({ endorsements = [], approval }: Remediation): string {
  if (approval === undefined) return ''
  const names = [...endorsements, approval].map(({ by }) => mention(by)).join(', ')
  const verb = approval.basis === 'break-glass' ? 'glass broken' : 'approved'
  return ` · ${verb} by ${names} at ${formatTime(approval.at)}${reasonOf(approval)}`
}

/** Breaking the glass says its reason louder than this. */
function reasonOf({ basis, reason }: Approval): string {
  return reason === undefined || basis === 'break-glass' ? '' : `: “${sentence(shorten(reason, 200))}”`
}

function endOfFreeze(remediation: Remediation): string {
  if (frozenUntil(remediation) === undefined || remediation.ended === undefined) return ''
  const by = remediation.ended.by === 'expiry' ? 'ended by itself' : `lifted by ${mention(remediation.ended.by)}`
  return ` — ${by} at ${formatTime(remediation.ended.at)}`
}

function bar(done: number, total: number): string {
  const filled = total <= 0 ? 0 : Math.round(10 * Math.min(1, Math.max(0, done / total)))
  return `\`${'█'.repeat(filled)}${'░'.repeat(10 - filled)}\``
}
