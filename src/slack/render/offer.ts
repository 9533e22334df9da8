import { failedPreflights, isOpen, type Remediation } from '../../domain/remediation.ts'
import { formatMoment } from '../../domain/units.ts'
import type { View } from '../../pipeline/ports.ts'
import { mayBreakGlass } from './buttons.ts'
import { preflightLines } from './preflight.ts'
import { mention, sentence, stopped } from './text.ts'

const SHOWN = 10
const SHOWN_DETAILS = 8

/** For everything that may be pressed, or could be if something were mended: what would happen, what it costs, and what was looked at. */
export function offerParagraphs(view: View): readonly string[] {
  const open = view.incident.remediations.filter(isOpen)
  const more = open.length > SHOWN ? [`and ${open.length - SHOWN} more offers`] : []
  return [...open.slice(0, SHOWN).map((one) => offerParagraph(view, one)), ...more]
}

function offerParagraph(view: View, remediation: Remediation): string {
  const { plan, state } = remediation
  const what = `*${sentence(plan.button)}*`
  const head =
    state === 'blocked'
      ? `:no_entry: ${what} cannot be done now`
      : `${what} · open until ${formatMoment(remediation.expiresAt, view.now)}`
  return [
    head,
    [stopped(sentence(plan.summary)), ...plan.details.slice(0, SHOWN_DETAILS).map(sentence)].join(' '),
    ...preflightLines(plan),
    ...(state === 'blocked' ? [wayThrough(view, remediation)] : conditions(remediation)),
  ].join('\n')
}

/** How many agree so far and why one is not enough, and whether a reason is asked for. */
function conditions({
  approvalsNeeded = 1,
  approvalsBecause,
  endorsements = [],
  reasonRequired,
}: Remediation): readonly string[] {
  const by = endorsements.length === 0 ? '' : ` (by ${endorsements.map((one) => mention(one.by)).join(', ')})`
  const why = approvalsBecause === undefined ? '' : `: ${sentence(approvalsBecause)}`
  return [
    ...(approvalsNeeded > 1 ? [`*${endorsements.length} of ${approvalsNeeded} approved*${by}${why}`] : []),
    ...(reasonRequired === true ? ['Whoever approves it is asked for a reason.'] : []),
  ]
}

/** Every failed preflight says its own fix; this is for when nobody can wait for that. */
function wayThrough(view: View, remediation: Remediation): string {
  if (mayBreakGlass(view, remediation))
    return 'If it cannot wait until that is mended: whom `breakGlass` lists may go over it, with a typed reason.'
  const { plan } = remediation
  return failedPreflights(plan).every(({ overridable }) => overridable === true)
    ? 'Nobody may go over this: no `breakGlass` is configured for the service.'
    : 'Breaking the glass would not help: the cluster itself would refuse it.'
}
