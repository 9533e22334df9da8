import type { DesiredPost, DesiredRefusal } from '../desired.ts'
import type { SlackError } from '../errors.ts'
import { callSlack, type Desk, slackFailure } from './desk.ts'
import { findPost } from './find.ts'
import { hashOf } from './ledger.ts'
import { readNote } from './note.ts'
import { post } from './post.ts'
import { isTokenTrouble } from './refusal-meaning.ts'

export interface Thread {
  readonly channel: string
  readonly threadTs: string
}

/** Posts to the card's thread, once. What may stand there already and cannot be looked for is given up, and the card says so. */
export async function deliverPost(desk: Desk, thread: Thread, { key, content }: DesiredPost): Promise<void> {
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
    const reference = await post(desk, thread, key, content, 'normal')
    await ledger.confirm(intent, { reference, contentHash: hashOf(content) })
    desk.meter?.slackDelivery('post', 'posted')
  } catch (error) {
    const failure = slackFailure(error)
    if (failure.kind === 'ambiguous') throw failure
    if (isFinalRefusal(failure)) return giveUp(desk, key, failure.code)
    await ledger.unsent(intent)
    throw failure
  }
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
    await callSlack(desk, 'chat.postEphemeral', { channel, user, text, blocks })
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
