import type { ActionsBlock, Button } from '@slack/types'
import { frozenUntil } from '../../domain/advance.ts'
import { formatTime } from '../../domain/finding.ts'
import type { Incident } from '../../domain/incident.ts'
import type { Remediation } from '../../domain/remediation.ts'
import { mention, plainText, sentence } from './text.ts'

/** Buttons for what may be pressed now. They carry the incident and an opaque id, nothing that could be forged into another action. */
export function buttons(incident: Incident): readonly ActionsBlock[] {
  const open = incident.remediations.filter((one) => one.state === 'proposed')
  if (open.length === 0) return []
  return [{ type: 'actions', block_id: 'remediations', elements: open.slice(0, 5).map((one) => button(incident, one)) }]
}

function button(incident: Incident, remediation: Remediation): Button {
  const { plan } = remediation
  return {
    type: 'button',
    action_id: `remediate:${remediation.id}`,
    text: { type: 'plain_text', text: plainText(plan.button, 75) },
    value: `${incident.id}|${remediation.id}`,
    ...(remediation.kind === 'deploy-freeze' ? { style: 'primary' as const } : { style: 'danger' as const }),
    confirm: {
      title: { type: 'plain_text', text: plainText(`${plan.button}?`, 100) },
      text: { type: 'plain_text', text: plainText([`${plan.summary}.`, ...plan.details].join(' '), 300) },
      confirm: { type: 'plain_text', text: 'Do it' },
      deny: { type: 'plain_text', text: 'Not now' },
    },
  }
}

/** One line for everything that was pressed, is under way, or could not be offered; empty for offers that are simply open or were replaced. */
export function remediationLines(incident: Incident): readonly string[] {
  return incident.remediations.flatMap((one) => remediationLine(one) ?? [])
}

/** Undefined for offers that are simply open, were replaced or ran out. */
export function remediationLine(remediation: Remediation): string | undefined {
  const { plan, approval, outcome, progress } = remediation
  const what = sentence(plan.button)
  const who = approval === undefined ? '' : ` · approved by ${mention(approval.by)} at ${formatTime(approval.at)}`
  switch (remediation.state) {
    case 'proposed':
      return undefined
    case 'approved':
    case 'executing':
      return `:hourglass_flowing_sand: *${what}*: starting${who}`
    case 'following':
      return `:hourglass_flowing_sand: *${what}*: ${progress ? `${bar(progress.done, progress.total)} ${sentence(progress.text)}` : 'under way'}${who}`
    case 'succeeded':
      return `:white_check_mark: *${what}*: ${sentence(outcome?.text ?? 'done')}${endOfFreeze(remediation)}${who}`
    case 'failed':
      return `:x: *${what}*: ${sentence(outcome?.text ?? 'failed')}${who}`
    case 'unknown':
      return `:warning: *${what}*: ${sentence(outcome?.text ?? 'not known')}${who}`
    case 'rehearsed':
      return `:information_source: *${what}*: ${sentence(outcome?.text ?? 'nothing was changed')}${who}`
    case 'void':
      return approval === undefined && plan.blocked === undefined
        ? undefined
        : `:no_entry: *${what}*: ${sentence(outcome?.text ?? 'not done')}${who}`
  }
}

function endOfFreeze(remediation: Remediation): string {
  if (frozenUntil(remediation) === undefined || remediation.ended === undefined) return ''
  const by = remediation.ended.by === 'expiry' ? 'ended by itself' : `lifted by ${mention(remediation.ended.by)}`
  return ` — ${by} at ${formatTime(remediation.ended.at)}`
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.round((10 * done) / total)
  return `\`${'█'.repeat(filled)}${'░'.repeat(10 - filled)}\``
}
