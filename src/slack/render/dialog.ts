import type { KnownBlock, ModalView } from '@slack/types'
import { failedPreflights, type Remediation } from '../../domain/remediation.ts'
import { section } from './message.ts'
import { preflightLines } from './preflight.ts'
import { sentence, stopped } from './text.ts'

/** By these incbot knows its dialogs again. */
export const DIALOGS = { approve: 'incbot-approve', breakGlass: 'incbot-break-glass' } as const
/** Block and action id of the one thing to type. */
export const REASON = 'reason'
/** As long as a reason is kept. */
const LONGEST_REASON = 500
const SHOWN_DETAILS = 8

/** The dialog that asks for a reason: what will happen, how far it reaches, and for breaking the glass what is gone over. */
export function approvalDialog(asked: {
  readonly incidentId: string
  readonly remediation: Remediation
  readonly channel: string
  readonly breakGlass: boolean
}): ModalView {
  const { incidentId, remediation, channel, breakGlass } = asked
  return {
    type: 'modal',
    callback_id: breakGlass ? DIALOGS.breakGlass : DIALOGS.approve,
    // What it is about, and where a refusal is told; never more than that.
    private_metadata: [incidentId, remediation.id, channel].join('|'),
    title: { type: 'plain_text', text: breakGlass ? 'Break the glass' : 'Approve' },
    submit: { type: 'plain_text', text: breakGlass ? 'Do it all the same' : 'Do it' },
    close: { type: 'plain_text', text: 'Not now' },
    blocks: [...(breakGlass ? [warning(remediation)] : []), ...whatHappens(remediation), reasonInput(breakGlass)],
  }
}

function warning({ plan }: Remediation): KnownBlock {
  const overridden = failedPreflights(plan).map(({ what, text }) => `• *${sentence(what)}*: ${sentence(text)}`)
  return section(
    [
      ':rotating_light: *This goes over what stands in the way:*',
      ...overridden,
      'It is told here and in PagerDuty, with your name and your reason, and stays on record.',
    ].join('\n'),
  )
}

function whatHappens({ plan }: Remediation): readonly KnownBlock[] {
  const details = plan.details.slice(0, SHOWN_DETAILS).map(sentence)
  const looked = preflightLines(plan)
  return [
    section([`*${sentence(plan.button)}*`, [stopped(sentence(plan.summary)), ...details].join(' ')].join('\n')),
    section(`*How far it reaches:* ${stopped(sentence(plan.blastRadius ?? plan.summary))}`),
    ...(looked.length === 0 ? [] : [section(looked.join('\n'))]),
  ]
}

function reasonInput(breakGlass: boolean): KnownBlock {
  return {
    type: 'input',
    block_id: REASON,
    label: { type: 'plain_text', text: breakGlass ? 'Why can it not wait?' : 'Why now?' },
    hint: { type: 'plain_text', text: 'Everybody who sees the card reads this, and whoever audits it later.' },
    element: {
      type: 'plain_text_input',
      action_id: REASON,
      multiline: true,
      min_length: 1,
      max_length: LONGEST_REASON,
    },
  }
}
