import { z } from 'zod'
import { flag, id, integer, text } from '../arguments.ts'
import { addMessage } from '../messages.ts'
import { type Method, method } from '../method.ts'
import { page } from '../paging.ts'
import { MethodRefusal } from '../refusal.ts'
import { requireChannelScope, requireManageScope, requireScope } from '../scopes.ts'
import { botIsIn, type Channel, identity } from '../workspace.ts'

const paged = { cursor: text.optional(), limit: integer.optional() }
const topicMaxChars = 250

export const conversationMethods: readonly Method[] = [
  method({
    name: 'conversations.info',
    tier: 3,
    args: { channel: id, include_locale: flag.optional(), include_num_members: flag.optional() },
    run: (args, state) => {
      const channel = state.workspace.visibleChannel(args.channel)
      requireChannelScope(state, channel, 'read')
      return {
        channel: { ...channelView(channel), ...(args.include_num_members && { num_members: channel.members.size }) },
      }
    },
  }),
  method({
    name: 'conversations.list',
    tier: 2,
    args: { ...paged, types: text.optional(), exclude_archived: flag.optional() },
    run: (args, state) => {
      const types = (args.types ?? 'public_channel').split(',').map((type) => type.trim())
      for (const type of types) requireScope(state, listScope(type))
      const wanted = [...state.workspace.channels.values()].filter((channel) =>
        channel.isPrivate ? types.includes('private_channel') && botIsIn(channel) : types.includes('public_channel'),
      )
      const { items, nextCursor } = page(wanted, args.cursor, args.limit, { standard: 100, max: 999 })
      return { channels: items.map(channelView), response_metadata: { next_cursor: nextCursor } }
    },
  }),
  method({
    name: 'conversations.members',
    tier: 4,
    args: { channel: id, ...paged },
    run: (args, state) => {
      const channel = state.workspace.visibleChannel(args.channel)
      requireChannelScope(state, channel, 'read')
      const { items, nextCursor } = page([...channel.members], args.cursor, args.limit, { standard: 100, max: 999 })
      return { members: items, response_metadata: { next_cursor: nextCursor } }
    },
  }),
  method({
    name: 'conversations.join',
    tier: 3,
    scopes: ['channels:join'],
    args: { channel: id },
    run: (args, { workspace }) => {
      const channel = workspace.visibleChannel(args.channel)
      if (channel.isPrivate) throw new MethodRefusal('method_not_supported_for_channel_type')
      const already = botIsIn(channel)
      channel.members.add(identity.userId)
      return { channel: channelView(channel), ...(already && { warning: 'already_in_channel' }) }
    },
  }),
  method({
    name: 'conversations.create',
    tier: 2,
    args: { name: text, is_private: flag.optional() },
    run: (args, state) => {
      const { workspace } = state
      requireManageScope(state, args.is_private ?? false)
      const problem = nameProblem(args.name)
      if (problem) throw new MethodRefusal(problem)
      if ([...workspace.channels.values()].some(({ name }) => name === args.name)) throw new MethodRefusal('name_taken')
      const channel = workspace.addChannel(workspace.nextId('C'), args.name, args.is_private ?? false, [
        identity.userId,
      ])
      return { channel: channelView(channel) }
    },
  }),
  method({
    name: 'conversations.invite',
    tier: 3,
    args: { channel: id, users: text, force: flag.optional() },
    run: (args, state) => {
      const channel = state.workspace.joinedChannel(args.channel)
      requireManageScope(state, channel.isPrivate, 'channels:write.invites')
      const users = args.users.split(',').map((user) => user.trim())
      if (users.length > 100) throw new MethodRefusal('too_many_users')
      for (const user of users) {
        if (user === identity.userId) throw new MethodRefusal('cant_invite_self')
        if (!state.workspace.users.has(user)) throw new MethodRefusal('user_not_found')
        if (channel.members.has(user)) throw new MethodRefusal('already_in_channel')
      }
      for (const user of users) channel.members.add(user)
      return { channel: channelView(channel) }
    },
  }),
  method({
    name: 'conversations.setTopic',
    tier: 2,
    args: { channel: id, topic: z.string() },
    run: (args, state) => {
      const channel = state.workspace.joinedChannel(args.channel)
      requireManageScope(state, channel.isPrivate, 'channels:write.topic')
      if (args.topic.length > topicMaxChars) throw new MethodRefusal('too_long')
      const changed = channel.topic !== args.topic
      channel.topic = args.topic
      const said = `<@${identity.userId}> set the channel topic: ${args.topic}`
      if (changed) addMessage(state.workspace, channel, { user: 'USLACKBOT', text: said })
      return { channel: channelView(channel) }
    },
  }),
]

/** A conversation object. */
function channelView(channel: Channel): Readonly<Record<string, unknown>> {
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !channel.isPrivate,
    is_group: channel.isPrivate,
    is_private: channel.isPrivate,
    is_im: false,
    is_mpim: false,
    is_archived: false,
    is_member: botIsIn(channel),
    created: channel.createdSeconds,
    creator: identity.userId,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  }
}

function listScope(type: string): string {
  if (type === 'public_channel') return 'channels:read'
  if (type === 'private_channel') return 'groups:read'
  throw new MethodRefusal('invalid_types')
}

/** Slack's reasons against a channel name: lowercase letters of any script, digits, `-`, `_`, at most 80 characters. */
function nameProblem(name: string): string | undefined {
  if (name === '') return 'invalid_name_required'
  if (name.length > 80) return 'invalid_name_maxlength'
  if (/^[-_]+$/.test(name)) return 'invalid_name_punctuation'
  if (name !== name.toLowerCase() || !/^[\p{L}\p{N}_-]+$/u.test(name)) return 'invalid_name_specials'
  return undefined
}
