import { flag, id, integer, text, ts } from '../arguments.ts'
import { type Answer, type Method, method } from '../method.ts'
import { page } from '../paging.ts'
import { MethodRefusal } from '../refusal.ts'
import { requireChannelScope } from '../scopes.ts'
import type { SlackState } from '../state.ts'
import { botIsIn, type Channel, type StoredMessage } from '../workspace.ts'
import { messageView } from './message-view.ts'

const timeline = {
  cursor: text.optional(),
  limit: integer.optional(),
  oldest: ts.optional(),
  latest: ts.optional(),
  inclusive: flag.optional(),
  include_all_metadata: flag.optional(),
}

interface Timeline {
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
  readonly oldest?: string | undefined
  readonly latest?: string | undefined
  readonly inclusive?: boolean | undefined
  readonly include_all_metadata?: boolean | undefined
}

export const historyMethods: readonly Method[] = [
  method({
    name: 'conversations.history',
    tier: 3,
    args: { channel: id, ...timeline },
    run: (args, state) => {
      const channel = readable(state, args.channel)
      const newestFirst = channel.messages
        .filter(({ threadTs, broadcast, deleted }) => (threadTs === undefined || broadcast) && !deleted)
        .reverse()
      return answer(state, channel, newestFirst.filter(within(args)), args)
    },
  }),
  method({
    name: 'conversations.replies',
    tier: 3,
    args: { channel: id, ts, ...timeline },
    run: (args, state) => {
      const channel = readable(state, args.channel)
      const named = channel.messages.find((message) => message.ts === args.ts && !message.deleted)
      if (!named) throw new MethodRefusal('thread_not_found')
      const root = named.threadTs ?? named.ts
      const inThread = channel.messages.filter((message) => message.threadTs === root && !message.deleted)
      const parent = channel.messages.filter((message) => message.ts === root && !message.deleted)
      // The parent is always there, whatever the time range.
      return answer(state, channel, [...parent, ...inThread.filter(within(args))], args)
    },
  }),
]

function readable(state: SlackState, channelId: string): Channel {
  const channel = state.workspace.visibleChannel(channelId)
  requireChannelScope(state, channel, 'history')
  if (!botIsIn(channel)) throw new MethodRefusal('not_in_channel')
  return channel
}

/** Timestamps have six decimals and, for three centuries, ten digits before: text order is time order. */
function within({ oldest, latest, inclusive }: Timeline): (message: StoredMessage) => boolean {
  const from = oldest === undefined ? undefined : padded(oldest)
  const to = latest === undefined ? undefined : padded(latest)
  return ({ ts: at }) => {
    if (inclusive && (at === from || at === to)) return true
    return (from === undefined || at > from) && (to === undefined || at < to)
  }
}

function padded(given: string): string {
  const [seconds = '0', fraction = ''] = given.split('.')
  return `${seconds}.${fraction.padEnd(6, '0')}`
}

function answer(state: SlackState, channel: Channel, messages: readonly StoredMessage[], args: Timeline): Answer {
  const { items, nextCursor } = page(messages, args.cursor, args.limit, { standard: 100, max: 999 })
  return {
    messages: items.map((message) => messageView(state, channel, message, args.include_all_metadata ?? false)),
    has_more: nextCursor !== '',
    ...(nextCursor !== '' && { response_metadata: { next_cursor: nextCursor } }),
  }
}
