import type { DesiredPost, DesiredRefusal } from '../desired.ts'
import type { SlackError } from '../errors.ts'
import { OUTBOX_FULL } from '../outbox.ts'
import { callSlack, type Desk, slackFailure } from './desk.ts'
import { findPost } from './find.ts'
import { hashOf } from './ledger.ts'
import { LEFT_OUT, readNote } from './note.ts'
import { post } from './post.ts'
import { isTokenTrouble } from './refusal-meaning.ts'

export interface Thread {
  readonly channel: string
  readonly threadTs: string
}

/** Posts to the card's thread, once. What may stand there already and cannot be looked for is given up, and the card says so. */
export async function deliverPost(desk: Desk, thread: Thread, wanted: DesiredPost): Promise<void> {
  const { key, content, priority, isNews } = wanted
  const { ledger } = desk
  const before = ledger.of(key)
  if (before?.state === 'sent' || before?.state === 'abandoned') return
  if (before !== undefined && !readNote(before.note).unsent) {
    const found = await findPost(desk, thread, key, before.updatedAt)
    if (found === 'unreadable') return giveUp(desk, key, 'unconfirmed')
    if (found !== 'absent') {
      await ledger.confirm(before, { reference: found.ts })
      desk.meter?.slackDelivery('post', 'found')
      return
    }
  }
  const intent = await ledger.intend(key, { channel: thread.channel })
  try {
    const reference = await post(desk, { ...thread, ...(isNews && { isBroadcast: true }) }, key, content, priority)
    await ledger.confirm(intent, { reference, contentHash: hashOf(content) })
    desk.keptBack.over(key)
    desk.meter?.slackDelivery('post', 'posted')
  } catch (error) {
    const failure = slackFailure(error)
    if (failure.kind === 'ambiguous') throw failure
    if (isFinalRefusal(failure)) return giveUp(desk, key, failure.code)
    if (priority === 'rest' && isStale(desk, failure, key)) return leaveOut(desk, key)
    await ledger.unsent(intent)
    throw failure
  }
}

/** What only backs up the card is worth reading for so long; after that it only keeps others from being said. */
const WORTH_READING_MS = 10 * 60_000

/** Whether our own limits alone have kept it back for longer than it is worth reading. */
export function isStale(desk: Desk, failure: SlackError, key: string): boolean {
  return failure.code === OUTBOX_FULL && desk.keptBack.again(key) > WORTH_READING_MS
}

/** Counted, and said on the card. */
export async function leaveOut(desk: Desk, key: string): Promise<void> {
  desk.keptBack.over(key)
  desk.meter?.slackDelivery(key.split(':').at(2) ?? 'other', 'left-out')
  await desk.ledger.abandon(key, LEFT_OUT)
}

/** Tells one person, once and as best Slack can: an ephemeral message leaves no trace by which it could be found again. */
export async function deliverRefusal(desk: Desk, { key, user, channel, content }: DesiredRefusal): Promise<void> {
  const { ledger } = desk
  const before = ledger.of(key)
  if (before?.state === 'sent' || before?.state === 'abandoned') return
  if (before !== undefined && !readNote(before.note).unsent) return giveUp(desk, key, 'unconfirmed')
  const intent = await ledger.intend(key, { channel })
  try {
    const { text, blocks } = content
    await callSlack(desk, 'chat.postEphemeral', { channel, user, text, blocks }, { priority: 'person' })
    await ledger.confirm(intent, {})
    desk.meter?.slackDelivery('refusal', 'posted')
  } catch (error) {
    const failure = slackFailure(error)
    if (failure.kind === 'ambiguous' || isFinalRefusal(failure)) return giveUp(desk, key, failure.code)
    await ledger.unsent(intent)
    throw failure
  }
}

/** Slack said no to this one thing, and would again. */
export function isFinalRefusal(failure: SlackError): boolean {
  return failure.kind === 'refused' && !isTokenTrouble(failure.code)
}

export async function giveUp(desk: Desk, key: string, why: string): Promise<void> {
  desk.log.warn({ delivery: key, why }, 'Giving up something that should stand in Slack')
  desk.meter?.slackDelivery(key.split(':').at(2) ?? 'other', 'abandoned')
  await desk.ledger.abandon(key, why)
}
