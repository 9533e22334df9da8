import { frozenUntil } from '../../domain/advance.ts'
import { formatTime } from '../../domain/finding.ts'
import type { BlockedDeploy, EnforcementPoint, Exemption, FreezeTerms } from '../../domain/freeze.ts'
import type { Remediation } from '../../domain/remediation.ts'
import { formatMoment } from '../../domain/units.ts'
import { canBeExtended } from './buttons.ts'
import { type Content, content } from './message.ts'
import { mention, sentence, shorten } from './text.ts'

const SHOWN_EXEMPTIONS = 8
const SHOWN_DEPLOYS = 5

/** What is known of a freeze beyond that it was made: until when, where it is enforced, who may pass, whom it stopped. Empty for everything else. */
export function freezeLines(remediation: Remediation, now: number): readonly string[] {
  const until = frozenUntil(remediation)
  if (until === undefined || remediation.state !== 'succeeded') return []
  const terms = remediation.freeze ?? {}
  if (remediation.ended !== undefined) return refusedDeploys(terms)
  return [
    `Until ${formatMoment(until, now)} · ${enforcement(terms, formatTime)}`,
    ...exemptions(terms),
    ...refusedDeploys(terms),
    ...(canBeExtended(remediation)
      ? [`:bell: ${ending(remediation, until, now)} Press “Extend by 2 h” if it must hold longer.`]
      : []),
  ]
}

/** The reminder in the thread. */
export function renderReminder(remediation: Remediation, now: number): Content {
  const until = frozenUntil(remediation) ?? now
  return content([
    `:bell: ${ending(remediation, until, now)} Whoever may freeze can extend it with the button on the card, or lift it with \`/inc unfreeze\`.`,
  ])
}

/** That deploys go through again, in the thread: an edit of the card rings nobody's bell. */
export function renderEnd({ plan, ended, freeze }: Remediation): Content {
  const how = ended?.by === 'expiry' ? 'ended by itself' : `was lifted by ${mention(ended?.by ?? '')}`
  const refused = refusedDeploys(freeze ?? {}).map((one) => ` ${one}.`)
  return content([
    `:unlock: The freeze of ${sentence(plan.target.service)} ${how} at ${formatTime(ended?.at ?? 0)}: deploys go through again.${refused.join('')}`,
  ])
}

function ending({ plan, approval }: Remediation, until: number, now: number): string {
  const by = approval === undefined ? '' : `, made by ${mention(approval.by)},`
  return `The freeze of ${sentence(plan.target.service)}${by} ends at ${formatMoment(until, now)}; deploys go through from then on.`
}

/** Where it is enforced and how that is known, in one line. `when` says a moment. */
export function enforcement({ points }: FreezeTerms, when: (at: number) => string): string {
  if (points === undefined) return 'where it is enforced is not known yet'
  if (points.length === 0) return ':warning: enforced nowhere that incbot knows of'
  const isEnforced = points.some(({ state }) => state === 'proved' || state === 'asked')
  return `${isEnforced ? 'enforced' : ':warning: not seen to be enforced'}: ${points.map((one) => point(one, when)).join('; ')}`
}

function point({ name, state, at, text }: EnforcementPoint, when: (at: number) => string): string {
  const moment = at === undefined ? '' : ` ${when(at)}`
  const more = text === undefined ? '' : ` (${sentence(shorten(text, 200)).replace(/\.$/, '')})`
  return `${sentence(shorten(name, 100))}${POINT[state](moment)}${more}`
}

const POINT: Readonly<Record<EnforcementPoint['state'], (moment: string) => string>> = {
  proved: (moment) => ` ✓ probed${moment}`,
  open: (moment) => ` ✗ lets deploys through, probed${moment}`,
  unguarded: () => ': not enforced ⚠',
  asked: (moment) => ` ✓ last asked${moment}`,
  'never-asked': () => ': never asked ⚠',
  unknown: (moment) => ` ? not known${moment === '' ? '' : `, tried${moment}`}`,
}

/** One line, or none. */
export function exemptions({ exemptions: all = [] }: FreezeTerms): readonly string[] {
  if (all.length === 0) return []
  const more = all.length > SHOWN_EXEMPTIONS ? `; and ${all.length - SHOWN_EXEMPTIONS} more` : ''
  return [`May pass: ${all.slice(-SHOWN_EXEMPTIONS).map(exemption).join('; ')}${more}`]
}

function exemption({ kind, value, reason, by }: Exemption): string {
  return `${kind} ${sentence(shorten(value, 200))} (“${sentence(shorten(reason, 150)).replace(/\.$/, '')}”, ${mention(by)})`
}

/** "3 deploys refused: registry v128, ci v129", the newest first; none where none were. */
export function refusedDeploys({ blockedCount = 0, blocked = [] }: FreezeTerms): readonly string[] {
  if (blockedCount === 0) return []
  const newest = blocked.toReversed().slice(0, SHOWN_DEPLOYS)
  const more = blockedCount > newest.length ? ', …' : ''
  return [
    `${blockedCount} ${blockedCount === 1 ? 'deploy' : 'deploys'} refused: ${newest.map(deploy).join(', ')}${more}`,
  ]
}

function deploy({ holder, deploy: name }: BlockedDeploy): string {
  return sentence(shorten([holder, ...(name === undefined ? [] : [name])].join(' '), 150))
}
