import { fieldsOf } from '../../domain/fields.ts'
import { callSlack, type Desk, slackFailure } from './desk.ts'
import { isTokenTrouble } from './refusal-meaning.ts'

/** Name of incbot's message metadata, by which it finds its own messages again. */
export const METADATA_TYPE = 'incbot_delivery'

export interface Place {
  readonly channel: string
  /** The thread; the channel's top level where absent. */
  readonly threadTs?: string
  /** A post of the thread that the channel shows too. */
  readonly isBroadcast?: boolean
}

type Found = { readonly ts: string } | 'absent' | 'unreadable'

/** As far as a clock may be off before no button works any more: Slack's signatures are believed for 5 minutes. */
const SKEW_MS = 5 * 60_000
const PAGE = 200
/** A channel in which more was said since than this cannot be searched in time. */
const PAGES = 10

/** The message that was posted under this key since then (ms since the epoch), if it is there. Rejects when Slack cannot be asked now. */
export function findPost(desk: Desk, place: Place, key: string, since: number): Promise<Found> {
  return search(desk, place, since, (message) => {
    const { event_type, event_payload } = fieldsOf(message.metadata)
    return event_type === METADATA_TYPE && fieldsOf(event_payload).key === key
  })
}

/** The message in a thread that carries this file. */
export function findFile(desk: Desk, place: Place, fileId: string, since: number): Promise<Found> {
  return search(
    desk,
    place,
    since,
    ({ files }) => Array.isArray(files) && files.some((file) => fieldsOf(file).id === fileId),
  )
}

async function search(
  desk: Desk,
  { channel, threadTs }: Place,
  since: number,
  isIt: (message: Readonly<Record<string, unknown>>) => boolean,
): Promise<Found> {
  const method = threadTs === undefined ? 'conversations.history' : 'conversations.replies'
  const oldest = (Math.max(0, since - SKEW_MS) / 1000).toFixed(6)
  const thread = threadTs === undefined ? {} : { ts: threadTs }
  let cursor: string | undefined
  for (let page = 0; page < PAGES; page += 1) {
    const args = { channel, ...thread, oldest, limit: PAGE, include_all_metadata: true, ...(cursor && { cursor }) }
    const answer = await ask(desk, method, args)
    if (typeof answer === 'string') return answer
    const messages = Array.isArray(answer.messages) ? answer.messages.map(fieldsOf) : []
    const found = messages.find(isIt)
    if (typeof found?.ts === 'string') return { ts: found.ts }
    const { next_cursor } = fieldsOf(answer.response_metadata)
    if (typeof next_cursor !== 'string' || next_cursor === '') return 'absent'
    cursor = next_cursor
  }
  return 'unreadable'
}

async function ask(desk: Desk, method: 'conversations.history' | 'conversations.replies', args: object) {
  try {
    return await callSlack(desk, method, { ...args })
  } catch (error) {
    const failure = slackFailure(error)
    if (failure.kind !== 'refused' || isTokenTrouble(failure.code)) throw failure
    // The thread is gone with its first message, so nothing can stand in it.
    return failure.code === 'thread_not_found' ? 'absent' : 'unreadable'
  }
}
