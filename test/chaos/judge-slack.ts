import { plan } from '../../src/slack/desired.ts'
import type { Evidence, Remembered } from './evidence.ts'
import { tally, type Violation } from './findings.ts'
import { buttonsOf } from './life.ts'
import type { Town } from './town.ts'

/** Slack says what the records say, each thing once. */
export function judgeSlack(town: Town, evidence: Evidence): readonly Violation[] {
  const ofIncidents = [...evidence.remembered].flatMap(([id, remembered]) => [
    ...doubled(evidence, id),
    ...cardOf(evidence, id, remembered),
    ...threadOf(evidence, id, remembered),
    ...filesOf(town, evidence, id, remembered),
  ])
  return [...ofIncidents, ...refusals(town, evidence)]
}

function ownOf({ posted }: Evidence, id: string) {
  return posted.filter(({ key }) => key?.startsWith(`slack:pd-${id}:`))
}

function doubled(evidence: Evidence, about: string): readonly Violation[] {
  const counts = tally(ownOf(evidence, about), ({ key }) => key)
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([key, count]) => ({ about, what: `${count} messages with the key ${key}` }))
}

function desiredOf(evidence: Evidence, { incident, deliveries }: Remembered) {
  const service = incident.service === undefined ? undefined : evidence.catalogue.byName(incident.service)
  const view = {
    incident,
    service,
    channel: service?.channel,
    progress: undefined,
    deliveries,
    now: evidence.at,
    timelineEnd: undefined,
  }
  return plan(view)
}

function cardOf(evidence: Evidence, about: string, remembered: Remembered): readonly Violation[] {
  const { incident } = remembered
  const cards = ownOf(evidence, about).filter(({ key }) => key?.endsWith(':card'))
  const [card] = cards
  if (!incident.live)
    return cards.length === 0 ? [] : [{ about, what: 'a card for an incident that was over when heard of' }]
  if (card === undefined) return [{ about, what: 'no card' }]
  const desired = desiredOf(evidence, remembered)
  const wrong: Violation[] = []
  if (card.message.text !== desired.card.content.text)
    wrong.push({ about, what: `the card says\n${card.message.text}\nand the record\n${desired.card.content.text}` })
  const buttons = buttonsOf(card.message)
  const offered = incident.remediations.filter(({ state }) => state === 'proposed').map(({ id }) => id)
  if (buttons.map(({ remediationId }) => remediationId).join() !== offered.slice(0, 5).join())
    wrong.push({ about, what: `the card has the buttons ${buttons.map(({ text }) => text).join(', ') || '(none)'}` })
  if (incident.status === 'resolved' && buttons.length > 0)
    wrong.push({ about, what: 'buttons on a resolved incident' })
  return wrong
}

function threadOf(evidence: Evidence, about: string, remembered: Remembered): readonly Violation[] {
  if (!remembered.incident.live) return []
  const standing = new Set(ownOf(evidence, about).map(({ key }) => key))
  const missing = desiredOf(evidence, remembered).posts.filter(({ key }) => !standing.has(key))
  return missing.map(({ key }) => {
    const delivery = remembered.deliveries.find((one) => one.key === key)
    return { about, what: `the thread lacks ${key} (delivery: ${delivery?.state ?? 'none'} ${delivery?.note ?? ''})` }
  })
}

/** A shared file has no metadata: it is known by the id that its delivery holds, and there are as many as the record has charts. */
function filesOf(town: Town, evidence: Evidence, about: string, remembered: Remembered): readonly Violation[] {
  const card = ownOf(evidence, about).find(({ key }) => key?.endsWith(':card'))
  if (card === undefined) return []
  const shared = town.slack.files.filter(({ threadTs }) => threadTs === card.message.ts).map(({ id }) => id)
  const inThread = town.slack.thread(card.channel, card.message.ts).flatMap(({ files }) => files)
  const wanted = desiredOf(evidence, remembered).charts.length
  if (shared.length === wanted && inThread.length === wanted) return []
  return [
    {
      about,
      what: `${shared.length} charts were shared, ${inThread.length} stand in the thread, ${wanted} belong there`,
    },
  ]
}

/** Ephemeral messages cannot be found again, so one may be lost; none may come twice. */
function refusals(town: Town, { remembered }: Evidence): readonly Violation[] {
  const refused = tally(
    [...remembered.values()].flatMap(({ incident }) => incident.refusals),
    ({ user }) => user,
  )
  const told = tally(town.slack.ephemerals, ({ text, user }) => (text.startsWith(':no_entry:') ? user : undefined))
  return [...told]
    .filter(([user, count]) => count > (refused.get(user) ?? 0))
    .map(([user, count]) => ({ about: user, what: `was told ${count} refusals of ${refused.get(user) ?? 0}` }))
}
