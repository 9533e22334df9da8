import { brokenGlass } from '../domain/broken-glass.ts'
import type { Chart } from '../domain/chart.ts'
import type { Incident, Investigation, Refusal } from '../domain/incident.ts'
import { currentInvestigation } from '../domain/incident.ts'
import { isFinal, type Remediation } from '../domain/remediation.ts'
import type { View } from '../pipeline/ports.ts'
import type { Delivery } from '../store/store.ts'
import { type CardPriority, cardPriority } from './card-priority.ts'
import { LEFT_OUT, readNote } from './deliver/note.ts'
import type { Priority } from './priority.ts'
import { renderCard } from './render/card.ts'
import { renderDetails } from './render/details.ts'
import type { Doubts } from './render/doubts.ts'
import { renderEndorsed, waitsForAnother } from './render/endorsed.ts'
import { renderEnd, renderReminder } from './render/freeze.ts'
import { renderGlass } from './render/glass.ts'
import { type Content, content } from './render/message.ts'
import { renderOutcome } from './render/outcome.ts'
import { renderClosed, renderEscalation } from './render/pre-alert.ts'
import { told } from './render/told.ts'
import { newVerdict, renderVerdict } from './render/verification.ts'

/** The incident's one message. */
export interface DesiredCard {
  readonly key: string
  readonly content: Content
  readonly priority: CardPriority
  /** Whether it only says how far the checks have come: worth showing, not worth waiting for or remembering. */
  readonly isProgress: boolean
}

export interface DesiredPost {
  readonly key: string
  readonly priority: Priority
  readonly content: Content
  /** Also shown in the channel: news, and not details. */
  readonly isNews?: boolean
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

/** Everything besides the card that should stand in Slack for one incident. */
export interface DesiredThread {
  /** In the card's thread, in the order in which it happened. */
  readonly posts: readonly DesiredPost[]
  readonly charts: readonly DesiredChart[]
  /** For one person's eyes. */
  readonly refusals: readonly DesiredRefusal[]
}

/** Everything that should stand in Slack for one incident. */
export interface Desired extends DesiredThread {
  readonly card: DesiredCard
}

/** A refusal that is told later than this tells nobody anything. */
const REFUSAL_MS = 15 * 60_000

/** What should stand in Slack, derived from the record alone. */
export function plan(view: View): Desired {
  return { card: planCard(view), ...planThread(view) }
}

/** The same without the card, which changes while the rest is delivered and costs the most to render. */
export function planThread(view: View): DesiredThread {
  const { incident, now } = view
  const key = (name: string): string => deliveryKey(incident, name)
  const finished = incident.investigations.filter(
    (one) => one.state === 'finished' && one.findings.length > 0 && one.isQuiet !== true,
  )
  const posts = [
    ...incident.remediations.flatMap((one) => [...ofRemediation(one), ...askedOfOthers(view, one)]),
    ...finished.flatMap((one) => ofInvestigation(view, one)),
    ...ofPreAlert(view),
  ].map((one) => ({
    ...one,
    key: key(one.name),
    priority: DETAILS.test(one.name) ? ('rest' as const) : ('person' as const),
  }))
  return {
    posts: posts
      .toSorted((left, right) => left.at - right.at)
      .map(({ key, priority, content, isNews }) => ({ key, priority, content, ...(isNews && { isNews }) })),
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

/** Something to say in the thread, and the moment from which on it can be said. */
interface Said {
  readonly name: string
  readonly at: number
  readonly content: Content
  readonly isNews?: boolean
}

function ofInvestigation(view: View, one: Investigation): readonly Said[] {
  const at = one.finishedAt ?? 0
  const details = { name: detailsName(one), at, content: renderDetails(one) }
  if (newVerdict(view.incident, one) === undefined) return [details]
  return [{ name: `verdict:${one.id}`, at, content: renderVerdict(view, one) }, details]
}

function ofRemediation(one: Remediation): readonly Said[] {
  const { id, state, ended, finishedAt, freeze } = one
  const remindedAt = ended === undefined ? freeze?.remindedAt : undefined
  return [
    ...brokenGlass(one).map((glass) => ({ name: `glass:${glass.key}`, at: glass.at, content: renderGlass(glass) })),
    // One that was `unknown` may yet turn out to have succeeded, which is worth a second post.
    ...(isTold(one)
      ? [
          {
            name: `outcome:${id}${state === 'unknown' ? ':unknown' : ''}`,
            at: finishedAt ?? 0,
            content: renderOutcome(one),
          },
        ]
      : []),
    // A freeze that was extended is about to end again: each reminder is one of its own.
    ...(remindedAt === undefined
      ? []
      : [{ name: `ending:${id}:${remindedAt}`, at: remindedAt, content: renderReminder(one, remindedAt) }]),
    ...(ended === undefined ? [] : [{ name: `ended:${id}`, at: ended.at, content: renderEnd(one) }]),
  ]
}

function ofPreAlert(view: View): readonly Said[] {
  const { escalations = [], closedAt } = view.incident.preAlert ?? {}
  return [
    ...escalations.map(
      (one, index): Said => ({
        name: `escalated:${index + 1}`,
        at: one.at,
        content: renderEscalation(view, one),
        isNews: true,
      }),
    ),
    ...(closedAt === undefined ? [] : [{ name: 'closed:1', at: closedAt, content: renderClosed(view) }]),
  ]
}

/** Each person who agrees, short of the last, is a reason to ask the next one. */
function askedOfOthers({ service }: View, one: Remediation): readonly Said[] {
  const { id, endorsements = [] } = one
  if (service === undefined || !waitsForAnother(one)) return []
  const at = endorsements.at(-1)?.at ?? 0
  return [{ name: `endorsed:${id}:${endorsements.length}`, at, content: renderEndorsed(service, one) }]
}

/** Keys name what is said, so that whoever computes them knows what was said before. */
export function deliveryKey(incident: Incident, name: string): string {
  return `slack:${incident.id}:${name}`
}

/** The card's key, without the cost of rendering it. */
export function cardKey(incident: Incident): string {
  return deliveryKey(incident, 'card')
}

/** The card alone, which also says what became of everything else. */
export function planCard(view: View): DesiredCard {
  const { incident } = view
  return {
    key: cardKey(incident),
    content: renderCard(view, doubts(view)),
    priority: cardPriority(incident, view.now),
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
  return { key, user, channel, content: content([`:no_entry: ${told(text)}`]) }
}

/** What backs up a card that has said it already; everything else in the thread is news of its own. */
const DETAILS = /^(?:details|verification):/

/** Names of what is posted to the thread, by how they begin. */
const POSTS = [
  'details:',
  'verification:',
  'verdict:',
  'glass:',
  'outcome:',
  'ending:',
  'ended:',
  'endorsed:',
  'escalated:',
  'closed:',
] as const

function doubts({ incident, deliveries }: View): Doubts {
  const named = (name: string): readonly Delivery[] =>
    deliveries.filter((one) => one.state === 'abandoned' && one.key.startsWith(deliveryKey(incident, name)))
  const reasons = (list: readonly Delivery[]): readonly string[] => [
    ...new Set(list.map(({ note }) => readNote(note).why ?? 'unknown')),
  ]
  const posts = POSTS.flatMap((kind) => named(kind))
  const unconfirmed = [...posts, ...named('chart:')].filter(({ note }) => readNote(note).why === 'unconfirmed')
  const leftOut = [...posts, ...named('chart:')].filter(({ note }) => readNote(note).why === LEFT_OUT)
  const refused = (list: readonly Delivery[]): readonly string[] =>
    reasons(list.filter((one) => !unconfirmed.includes(one) && !leftOut.includes(one)))
  return {
    card: readNote(deliveries.find(({ key }) => key === cardKey(incident))?.note),
    unconfirmedPosts: unconfirmed.length,
    leftOut: leftOut.length,
    refusedPosts: refused(posts),
    refusedCharts: refused(named('chart:')),
  }
}
