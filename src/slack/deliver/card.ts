import type { Delivery } from '../../store/store.ts'
import type { DesiredCard } from '../desired.ts'
import type { SlackError } from '../errors.ts'
import { type Desk, slackFailure } from './desk.ts'
import { findPost } from './find.ts'
import { hashOf } from './ledger.ts'
import { type DeliveryNote, readNote } from './note.ts'
import { edit, post } from './post.ts'
import type { Progress } from './progress.ts'
import { refusalMeaning } from './refusal-meaning.ts'

/** Cards that are posted although an earlier one may stand there; after that the channel has had enough. */
const MAX_COPIES = 2

/** In place of a hash: what was confirmed last is being replaced, by progress or by an edit whose end is not known yet. */
const CHANGING = 'changing'

export interface CardDesk extends Desk {
  readonly key: string
  /** The card as the ledger now has it say; rendered anew each time. */
  readonly card: () => DesiredCard
  readonly channel: string
  readonly fallbackChannel: string | undefined
  readonly progress: Progress
}

/** Brings the incident's one message up to date. Resolves with where it stands; `abandoned` when it cannot stand anywhere. Rejects with `SlackError`. */
export async function deliverCard(desk: CardDesk): Promise<Delivery> {
  const delivery = desk.ledger.of(desk.key)
  if (delivery === undefined) return postCard(desk, desk.channel, {})
  if (delivery.state === 'abandoned') return delivery
  if (delivery.state === 'intended') return recover(desk, delivery)
  return update(desk, delivery)
}

/** A card that was perhaps posted: it is looked for before it is posted again. */
async function recover(desk: CardDesk, delivery: Delivery): Promise<Delivery> {
  const note = readNote(delivery.note)
  const channel = delivery.channel ?? desk.channel
  if (note.unsent) return postCard(desk, channel, note)
  const found = await findPost(desk, { channel }, delivery.key, delivery.updatedAt)
  if (found === 'absent') return postCard(desk, channel, note)
  if (found === 'unreadable') {
    const copies = (note.copies ?? 0) + 1
    if (copies > MAX_COPIES) return abandon(desk, 'unconfirmed')
    desk.log.warn({ delivery: delivery.key, channel }, 'A card may stand there twice: the history cannot be read')
    return postCard(desk, channel, { ...note, copies })
  }
  desk.meter?.slackDelivery('card', 'found')
  return update(desk, await desk.ledger.confirm(delivery, { reference: found.ts }))
}

async function postCard(desk: CardDesk, channel: string, before: DeliveryNote): Promise<Delivery> {
  const { unsent: _then, ...note } = before
  const delivery = await desk.ledger.intend(desk.key, { channel }, note)
  // Read after the intent was stored: what the note says belongs on the card.
  const { key, content, priority } = desk.card()
  try {
    const reference = await post(desk, { channel }, key, content, priority.post)
    desk.meter?.slackDelivery('card', note.instead === undefined ? 'posted' : 'fallback')
    return await desk.ledger.confirm(delivery, { reference, contentHash: hashOf(content) })
  } catch (error) {
    return postFailed(desk, delivery, note, slackFailure(error))
  }
}

async function postFailed(
  desk: CardDesk,
  delivery: Delivery,
  note: DeliveryNote,
  failure: SlackError,
): Promise<Delivery> {
  if (failure.kind === 'ambiguous') throw failure
  await desk.ledger.unsent(delivery)
  if (failure.kind !== 'refused' || refusalMeaning(failure.code) === 'access') throw failure
  return elsewhere(desk, delivery, note, failure)
}

/** The fallback channel, once. */
async function elsewhere(
  desk: CardDesk,
  delivery: Delivery,
  note: DeliveryNote,
  failure: SlackError,
): Promise<Delivery> {
  const { fallbackChannel } = desk
  const channel = delivery.channel ?? desk.channel
  desk.log.error({ err: failure, delivery: delivery.key, channel }, 'Slack refused the card in its channel')
  if (fallbackChannel === undefined || fallbackChannel === channel || note.instead !== undefined) {
    return abandon(desk, failure.code)
  }
  return postCard(desk, fallbackChannel, { instead: { channel, code: failure.code } })
}

async function update(desk: CardDesk, delivery: Delivery): Promise<Delivery> {
  const { key, content, isProgress, priority } = desk.card()
  const { channel, reference: ts } = delivery
  const contentHash = hashOf(content)
  if (channel === undefined || ts === undefined || delivery.contentHash === contentHash) return delivery
  // Going back to what was confirmed last will need an edit, also after a crash.
  const changing = isConfirmed(delivery) ? await desk.ledger.confirm(delivery, { contentHash: CHANGING }) : delivery
  // A card without a hash says nobody knows what: it gets an edit that counts.
  if (isProgress && changing.contentHash !== undefined) {
    desk.progress.show(desk, { channel, ts }, key, content)
    return changing
  }
  try {
    await edit(desk, { channel, ts }, key, content, { priority: priority.edit })
  } catch (error) {
    return editFailed(desk, changing, slackFailure(error))
  }
  desk.meter?.slackDelivery('card', 'edited')
  // An edit in doubt may still overtake this one: without a hash, the next run repeats it.
  const inDoubt = desk.progress.settleDoubt(key)
  return desk.ledger.confirm(changing, inDoubt ? {} : { contentHash })
}

function isConfirmed({ contentHash }: Delivery): boolean {
  return contentHash !== undefined && contentHash !== CHANGING
}

async function editFailed(desk: CardDesk, delivery: Delivery, failure: SlackError): Promise<Delivery> {
  if (failure.kind === 'ambiguous') desk.progress.doubt(delivery.key)
  if (failure.kind !== 'refused') throw failure
  const note = readNote(delivery.note)
  const meaning = refusalMeaning(failure.code)
  if (meaning === 'access') throw failure
  if (meaning !== 'message') return elsewhere(desk, delivery, note, failure)
  if (note.reposted) return abandon(desk, failure.code)
  desk.log.info({ delivery: delivery.key, code: failure.code }, 'The card is gone; posting it again, once')
  return postCard(desk, delivery.channel ?? desk.channel, { ...note, reposted: true })
}

function abandon(desk: CardDesk, why: string): Promise<Delivery> {
  const { key } = desk
  desk.log.error({ delivery: key, why }, 'The card could not be posted anywhere; giving up')
  desk.meter?.slackDelivery('card', 'abandoned')
  return desk.ledger.abandon(key, why)
}
