import type { ActionsBlock, Button } from '@slack/types'
import { frozenUntil } from '../../domain/advance.ts'
import { canBreakGlass, type Remediation } from '../../domain/remediation.ts'
import type { View } from '../../pipeline/ports.ts'
import { doubtsInWords } from './preflight.ts'
import { plainText, shorten, stopped } from './text.ts'

/** Slack takes more; what is pressed in a hurry must not be searched for. */
const IN_A_ROW = 5
/** Room for the dialogs behind the buttons, so that some is left for what the card says. */
const CHARACTERS = 6_000
const CONFIRM = 300

/** Everything that can be pressed now. They carry the incident and an opaque id, nothing that could be forged into another action. */
export interface Buttons {
  readonly blocks: readonly ActionsBlock[]
  /** How many more there would be, had Slack room for them. */
  readonly left: number
}

/** What is under way can be stopped before anything new is started, so that button comes first. */
export function buttons(view: View): Buttons {
  const { remediations } = view.incident
  const of = (which: (one: Remediation) => boolean, make: Make): readonly Button[] => {
    const found = remediations.filter(which)
    return found.map((one) => make(view, one, found.length === 1))
  }
  const all = [
    ...of(canBeStopped, stop),
    ...of(({ state }) => state === 'proposed', approve),
    ...of(canBeExtended, extend),
    ...of((one) => mayBreakGlass(view, one), breakGlass),
  ]
  const shown = fitting(all)
  return { blocks: inRows(shown), left: all.length - shown.length }
}

/** Whether somebody may go over what blocks this offer, and the cluster would let them. */
export function mayBreakGlass({ service }: View, { state, plan }: Remediation): boolean {
  const { users, groups } = service?.breakGlass ?? { users: [], groups: [] }
  return state === 'blocked' && canBreakGlass(plan) && users.length + groups.length > 0
}

/** A freeze that is about to end, as people were reminded. */
export function canBeExtended(remediation: Remediation): boolean {
  const { state, ended, freeze } = remediation
  const holds = state === 'succeeded' && ended === undefined && frozenUntil(remediation) !== undefined
  return holds && freeze?.remindedAt !== undefined
}

/** A freeze is made in one step: what there is to stop is lifted, not halted. */
function canBeStopped(remediation: Remediation): boolean {
  const { state, halt } = remediation
  return state === 'following' && halt === undefined && frozenUntil(remediation) === undefined
}

type Make = (view: View, remediation: Remediation, isOnlyOne: boolean) => Button

const approve: Make = (view, remediation) => {
  const { plan, kind, approvalsNeeded = 1, endorsements = [], reasonRequired = false } = remediation
  const isLast = endorsements.length + 1 >= approvalsNeeded
  const label =
    approvalsNeeded > 1 ? `Approve ${endorsements.length + 1} of ${approvalsNeeded}: ${plan.button}` : plan.button
  const style = kind === 'deploy-freeze' ? 'primary' : 'danger'
  if (reasonRequired) return { ...button('remediate-why', view, remediation, `${shorten(label, 74)}…`), style }
  return {
    ...button('remediate', view, remediation, label),
    style,
    confirm: dialog(`${plan.button}?`, radius(remediation), isLast ? 'Do it' : 'Approve'),
  }
}

const breakGlass: Make = (view, remediation, isOnlyOne) => ({
  ...button(
    'glass',
    view,
    remediation,
    isOnlyOne ? 'Break glass…' : `${shorten(`Break glass: ${remediation.plan.button}`, 74)}…`,
  ),
  style: 'danger',
})

const stop: Make = (view, remediation, isOnlyOne) => ({
  ...button('abort', view, remediation, isOnlyOne ? 'Stop' : `Stop: ${remediation.plan.button}`),
  style: 'danger',
  confirm: dialog(
    `Stop “${shorten(remediation.plan.button, 80)}”?`,
    'What was done so far stays done. The card then says how it stands and what can be done next.',
    'Stop it',
  ),
})

const extend: Make = (view, remediation, isOnlyOne) => ({
  ...button('extend', view, remediation, isOnlyOne ? 'Extend by 2 h' : `Extend by 2 h: ${remediation.plan.button}`),
  style: 'primary',
})

function button(verb: string, { incident }: View, { id }: Remediation, label: string): Button {
  return {
    type: 'button',
    action_id: `${verb}:${id}`,
    text: { type: 'plain_text', text: plainText(label, 75) },
    value: `${incident.id}|${id}`,
  }
}

function dialog(title: string, text: string, confirm: string): NonNullable<Button['confirm']> {
  return {
    title: { type: 'plain_text', text: plainText(title, 100) },
    text: { type: 'plain_text', text: plainText(text, CONFIRM) },
    confirm: { type: 'plain_text', text: confirm },
    deny: { type: 'plain_text', text: 'Not now' },
  }
}

/** The blast radius, and what nobody knows about it: the second is not what gives way where both are long. */
function radius({ plan }: Remediation): string {
  const doubts = plainText(doubtsInWords(plan) || ' ', CONFIRM / 2)
  const sentence = stopped(plan.blastRadius ?? plan.summary)
  return doubts === '-' ? sentence : `${plainText(sentence, CONFIRM - doubts.length - 1)} ${doubts}`
}

function fitting(all: readonly Button[]): readonly Button[] {
  const shown: Button[] = []
  let characters = 0
  for (const one of all) {
    characters += JSON.stringify(one).length
    if (characters > CHARACTERS) break
    shown.push(one)
  }
  return shown
}

function inRows(shown: readonly Button[]): readonly ActionsBlock[] {
  const rows: ActionsBlock[] = []
  for (let from = 0; from < shown.length; from += IN_A_ROW) {
    const block_id = rows.length === 0 ? 'remediations' : `remediations-${rows.length + 1}`
    rows.push({ type: 'actions', block_id, elements: shown.slice(from, from + IN_A_ROW) })
  }
  return rows
}
