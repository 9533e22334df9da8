import type { Priority } from '../priority.ts'
import { type Content, withoutBlocks } from '../render/message.ts'
import { callSlack, type Desk, slackFailure } from './desk.ts'
import { METADATA_TYPE, type Place } from './find.ts'
import { refusalMeaning } from './refusal-meaning.ts'

/** Posts once. Resolves with the message's ts. Rejects with `SlackError`; only after `ambiguous` may it stand there all the same. */
export async function post(
  desk: Desk,
  place: Place,
  key: string,
  content: Content,
  priority: Priority,
): Promise<string> {
  const answer = await withPlainFallback(desk, key, content, (shown) =>
    callSlack(
      desk,
      'chat.postMessage',
      {
        channel: place.channel,
        ...(place.threadTs !== undefined && { thread_ts: place.threadTs }),
        ...(place.isBroadcast && { reply_broadcast: true }),
        ...body(shown),
        unfurl_links: false,
        unfurl_media: false,
        metadata: { event_type: METADATA_TYPE, event_payload: { key } },
      },
      { channel: place.channel, priority, placeKey: key },
    ),
  )
  // Slack names the ts of what it posted; without one the message could never be edited, so an answer without it is no answer.
  if (typeof answer.ts !== 'string') throw new TypeError('chat.postMessage answered without a ts')
  return answer.ts
}

/** Brings a message up to date. May be repeated: the last one wins. */
export async function edit(
  desk: Desk,
  message: { readonly channel: string; readonly ts: string },
  key: string,
  content: Content,
  how: { readonly priority: Priority; readonly deadlineMs?: number },
): Promise<void> {
  const { channel, ts } = message
  await withPlainFallback(desk, key, content, (shown) =>
    callSlack(desk, 'chat.update', { channel, ts, ...body(shown) }, { ...how, coalesceKey: key, placeKey: key }),
  )
}

/** A message whose blocks Slack refuses is better than none: its text says the same. */
async function withPlainFallback<T>(
  desk: Desk,
  key: string,
  content: Content,
  send: (content: Content) => Promise<T>,
): Promise<T> {
  try {
    return await send(content)
  } catch (error) {
    const failure = slackFailure(error)
    if (failure.kind !== 'refused' || refusalMeaning(failure.code) !== 'content') throw failure
    desk.log.error({ err: failure, delivery: key }, 'Slack refused the blocks of a message; sending its text alone')
    return send(withoutBlocks(content))
  }
}

function body({ text, blocks }: Content): Readonly<Record<string, unknown>> {
  return blocks.length === 0 ? { text, blocks, parse: 'none' } : { text, blocks }
}
