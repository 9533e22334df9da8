import type { Chart } from '../domain/chart.ts'
import type { Incident, Investigation, Refusal } from '../domain/incident.ts'
import { currentInvestigation } from '../domain/incident.ts'
import { isFinal, type Remediation } from '../domain/remediation.ts'
import type { View } from '../pipeline/ports.ts'
import type { Delivery } from '../store/store.ts'
import { readNote } from './deliver/note.ts'
import { renderCard } from './render/card.ts'
import { renderDetails } from './render/details.ts'
import type { Doubts } from './render/doubts.ts'
import { type Content, content } from './render/message.ts'
import { renderOutcome } from './render/outcome.ts'
import { escapeInline, escapeText } from './render/text.ts'

/** The incident's one message. */
export interface DesiredCard {
  readonly key: string
  readonly content: Content
  readonly priority: 'urgent' | 'normal'
  /** Whether it only says how far the checks have come: worth showing, not worth waiting for or remembering. */
  readonly isProgress: boolean
}

export interface DesiredPost {
  readonly key: string
  readonly content: Content
}

export interface DesiredChart {
  readonly key: string
  readonly chart: Chart
}

export interface DesiredRefusal {
  readonly key: string
  readonly user: string
  readonly channel: string
  readonly content: Content
}

/** Everything that should stand in Slack for one incident. */
export interface Desired {
  readonly card: DesiredCard
  /** In the card's thread, in the order in which it happened. */
  readonly posts: readonly DesiredPost[]
  readonly charts: readonly DesiredChart[]
  /** For one person's eyes. */
  readonly refusals: readonly DesiredRefusal[]
}

/** A refusal that is told later than this tells nobody anything. */
const REFUSAL_MS = 15 * 60_000

/** What should stand in Slack, derived from the record alone. */
export function plan(view: View): Desired {
  const { incident, now } = view
  const key = (name: string): string => deliveryKey(incident, name)
  const finished = incident.investigations.filter((one) => one.state === 'finished' && one.findings.length > 0)
  const posts = [
    ...finished.map((one) => ({ at: one.finishedAt ?? 0, key: key(detailsName(one)), content: renderDetails(one) })),
    ...incident.remediations.filter(isTold).map((one) => ({
      at: one.finishedAt ?? 0,
      // One that was `unknown` may yet turn out to have succeeded, which is worth a second post.
      key: key(`outcome:${one.id}${one.state === 'unknown' ? ':unknown' : ''}`),
      content: renderOutcome(one),
    })),
  ]
  return {
    card: planCard(view),
    posts: posts.sort((left, right) => left.at - right.at),
    charts: finished.flatMap((one) =>
      one.findings
        .flatMap(({ charts }) => charts)
        .map((chart, index) => ({ key: key(`chart:${one.id}:${index + 1}`), chart })),
    ),
    refusals: incident.refusals
      .filter(({ at }) => now - at < REFUSAL_MS)
      .map((one) => refusal(one, key(`refusal:${one.id}`))),
  }
}

/** Keys name what is said, so that whoever computes them knows what was said before. */
export function deliveryKey(incident: Incident, name: string): string {
  return `slack:${incident.id}:${name}`
}

/** The card alone, which also says what became of everything else. */
export function planCard(view: View): DesiredCard {
  const { incident } = view
  const underWay = incident.remediations.some(({ state }) => state === 'following')
  return {
    key: deliveryKey(incident, 'card'),
    content: renderCard(view, doubts(view)),
    priority: underWay ? 'normal' : 'urgent',
    isProgress: currentInvestigation(incident)?.state === 'running' && incident.status !== 'resolved',
  }
}

/** Final, and not an offer that nobody took. */
function isTold({ state, approval }: Remediation): boolean {
  return isFinal(state) && (state !== 'void' || approval !== undefined)
}

function detailsName({ id, reason }: Investigation): string {
  return `${reason === 'verification' ? 'verification' : 'details'}:${id}`
}

function refusal({ user, channel, text }: Refusal, key: string): DesiredRefusal {
  return { key, user, channel, content: content([`:no_entry: ${trusted(text)}`]) }
}

/** Refusals name approvers by ids from the configuration, in Slack's notation, and commands in backticks; everything else in them is escaped. */
function trusted(text: string): string {
  return text
    .split(/(<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>|`[^`\n]{1,80}`)/)
    .map((part, index) => (index % 2 === 0 ? inSentence(part) : part.startsWith('`') ? escapeText(part) : part))
    .join('')
}

/** `escapeInline` trims, which would glue a sentence to the mention in it. */
function inSentence(part: string): string {
  const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(part) ?? []
  return `${before === '' ? '' : ' '}${escapeInline(inner)}${after === '' ? '' : ' '}`
}

function doubts({ incident, deliveries }: View): Doubts {
  const named = (name: string): readonly Delivery[] =>
    deliveries.filter((one) => one.state === 'abandoned' && one.key.startsWith(deliveryKey(incident, name)))
  const reasons = (list: readonly Delivery[]): readonly string[] => [
    ...new Set(list.map(({ note }) => readNote(note).why ?? 'unknown')),
  ]
  const posts = [...named('details:'), ...named('verification:'), ...named('outcome:')]
  const unconfirmed = [...posts, ...named('chart:')].filter(({ note }) => readNote(note).why === 'unconfirmed')
  const refused = (list: readonly Delivery[]): readonly string[] =>
    reasons(list.filter((one) => !unconfirmed.includes(one)))
  return {
    card: readNote(deliveries.find(({ key }) => key === deliveryKey(incident, 'card'))?.note),
    unconfirmedPosts: unconfirmed.length,
    refusedPosts: refused(posts),
    refusedCharts: refused(named('chart:')),
  }
}
