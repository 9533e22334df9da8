import { z } from 'zod'
import { blocks, flag, id, json, text, ts } from '../arguments.ts'
import { checkMessageBlocks } from '../blocks/check.ts'
import { addMessage, deleteMessage, editMessage, findMessage } from '../messages.ts'
import { type Method, method } from '../method.ts'
import { MethodRefusal, refusalWithMessages } from '../refusal.ts'
import { type SlackState, showEphemeral } from '../state.ts'
import { botIsIn, type Channel, identity } from '../workspace.ts'
import { messageView } from './message-view.ts'

/** Slack truncates posts at 40,000 characters but refuses edits beyond 4,000; a post that cannot be edited is a trap. */
const textMaxChars = 4000
const metadataMaxChars = 8000

/** As deep as @slack/types lets an event_payload be. */
const scalar = z.union([z.string(), z.number(), z.boolean()])
const flat = z.record(z.string(), scalar)
const payloadValue = z.union([scalar, flat, z.array(flat)])

const metadata = json(
  z.strictObject({ event_type: z.string().min(1).max(255), event_payload: z.record(z.string(), payloadValue) }),
)
const content = { channel: id, text: text.optional(), blocks: blocks.optional() }
/** What the stand-in does not do it refuses to pretend. */
const off = flag.pipe(z.literal(false))
/** Slack would turn `@channel` in plain text into a notification with these; only their harmless values are accepted. */
const parsing = { parse: z.literal('none').optional(), link_names: off.optional() }

export const chatMethods: readonly Method[] = [
  method({
    name: 'chat.postMessage',
    tier: 'post',
    scopes: ['chat:write'],
    args: {
      ...content,
      ...parsing,
      metadata: metadata.optional(),
      thread_ts: ts.optional(),
      reply_broadcast: flag.optional(),
      mrkdwn: flag.optional(),
      unfurl_links: flag.optional(),
      unfurl_media: flag.optional(),
      client_msg_id: text.optional(),
    },
    run: (args, state) => {
      const channel = state.workspace.visibleChannel(args.channel)
      requirePostable(state, channel)
      // Slack ignores it there, and who sent it would never know.
      if (args.reply_broadcast && args.thread_ts === undefined)
        throw refusalWithMessages('invalid_arguments', ['reply_broadcast without thread_ts means nothing'])
      const body = checkedText(args.text)
      checkContent(state, args.blocks, args.metadata)
      const message = addMessage(state.workspace, channel, {
        user: identity.userId,
        text: body,
        blocks: args.blocks,
        metadata: args.metadata,
        threadTs: args.thread_ts,
        broadcast: args.reply_broadcast,
      })
      return { channel: channel.id, ts: message.ts, message: messageView(state, channel, message, true) }
    },
  }),
  method({
    name: 'chat.update',
    tier: 3,
    scopes: ['chat:write'],
    args: {
      ...content,
      ...parsing,
      ts,
      metadata: json(z.unknown()).optional(),
      reply_broadcast: off.optional(),
    },
    run: (args, state) => {
      const channel = state.workspace.visibleChannel(args.channel)
      const message = findMessage(channel, args.ts)
      if (message.user !== identity.userId) throw new MethodRefusal('cant_update_message')
      const body = checkedText(args.text)
      if (args.blocks === undefined && message.blocks !== undefined)
        throw refusalWithMessages('invalid_arguments', [
          'the message has blocks: send blocks too (an empty list removes them), or text and blocks drift apart',
        ])
      const changed = updatedMetadata(args.metadata)
      checkContent(state, args.blocks, changed)
      editMessage(state.workspace, channel, message, {
        text: body,
        blocks: args.blocks ?? [],
        ...(changed !== undefined && { metadata: changed }),
      })
      return {
        channel: channel.id,
        ts: message.ts,
        text: body,
        message: messageView(state, channel, message, true),
      }
    },
  }),
  method({
    name: 'chat.delete',
    tier: 3,
    scopes: ['chat:write'],
    args: { channel: id, ts },
    run: (args, { workspace }) => {
      const channel = workspace.visibleChannel(args.channel)
      const message = findMessage(channel, args.ts)
      if (message.user !== identity.userId) throw new MethodRefusal('cant_delete_message')
      deleteMessage(workspace, channel, message)
      return { channel: channel.id, ts: message.ts }
    },
  }),
  method({
    name: 'chat.postEphemeral',
    tier: 4,
    scopes: ['chat:write'],
    args: { ...content, ...parsing, user: id, thread_ts: ts.optional() },
    run: (args, state) => {
      const channel = state.workspace.joinedChannel(args.channel)
      if (!channel.members.has(args.user)) throw new MethodRefusal('user_not_in_channel')
      const body = checkedText(args.text)
      checkContent(state, args.blocks, undefined)
      const shown = { channel: channel.id, user: args.user, text: body, blocks: args.blocks, threadTs: args.thread_ts }
      return { message_ts: showEphemeral(state, shown) }
    },
  }),
  method({
    name: 'chat.getPermalink',
    tier: 'unlimited',
    args: { channel: id, message_ts: ts },
    run: (args, { workspace }) => {
      const channel = workspace.visibleChannel(args.channel)
      const message = findMessage(channel, args.message_ts)
      const place = `https://${identity.teamDomain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`
      const thread = message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`
      return { channel: channel.id, permalink: `${place}${thread}` }
    },
  }),
]

function requirePostable(state: SlackState, channel: Channel): void {
  if (botIsIn(channel)) return
  if (!state.options.scopes.includes('chat:write.public')) throw new MethodRefusal('not_in_channel')
}

function checkedText(given: string | undefined): string {
  if (given === undefined || given.trim() === '') throw new MethodRefusal('no_text')
  if (given.length > textMaxChars) throw new MethodRefusal('msg_too_long')
  return given
}

function checkContent(state: SlackState, given: readonly unknown[] | undefined, meta: unknown): void {
  if (given) checkMessageBlocks(given, (file) => state.files.state(file))
  if (meta !== undefined && JSON.stringify(meta).length > metadataMaxChars)
    throw new MethodRefusal('metadata_too_large')
}

/** An empty object removes the metadata, as Slack documents for chat.update; absent keeps it. */
function updatedMetadata(given: unknown): z.infer<typeof metadata> | 'remove' | undefined {
  if (given === undefined) return undefined
  if (typeof given === 'object' && given !== null && Object.keys(given).length === 0) return 'remove'
  const result = metadata.safeParse(given)
  if (!result.success) throw new MethodRefusal('invalid_metadata_format')
  return result.data
}
