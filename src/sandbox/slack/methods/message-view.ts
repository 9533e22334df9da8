import type { SlackState } from '../state.ts'
import { type Channel, identity, type StoredMessage } from '../workspace.ts'
import { fileView } from './file-view.ts'

/** A message as the Web API and interaction payloads show it. Metadata only in full, or only its type. */
export function messageView(
  state: SlackState,
  channel: Channel,
  message: StoredMessage,
  allMetadata: boolean,
): Readonly<Record<string, unknown>> {
  const { ts, user, text, blocks, metadata, editedTs, files, threadTs } = message
  const replies = channel.messages.filter((reply) => reply.threadTs === ts && !reply.deleted)
  const byBot = user === identity.userId
  return {
    type: 'message',
    ...(message.broadcast && { subtype: 'thread_broadcast' }),
    ts,
    user,
    text,
    team: identity.teamId,
    ...(byBot && { bot_id: identity.botId, app_id: identity.appId }),
    ...(blocks && { blocks }),
    ...(metadata && { metadata: allMetadata ? metadata : { event_type: metadata.event_type } }),
    ...(editedTs !== undefined && { edited: { user, ts: editedTs } }),
    ...(files.length > 0 && { files: files.flatMap((id) => fileViews(state, id)), upload: true }),
    ...(threadTs !== undefined && { thread_ts: threadTs, parent_user_id: parentUser(channel, threadTs) }),
    ...(replies.length > 0 && {
      thread_ts: ts,
      reply_count: replies.length,
      reply_users: [...new Set(replies.map((reply) => reply.user))],
      latest_reply: replies.at(-1)?.ts,
    }),
    ...(message.reactions.length > 0 && { reactions: grouped(message.reactions) }),
  }
}

function parentUser(channel: Channel, threadTs: string): string | undefined {
  return channel.messages.find(({ ts }) => ts === threadTs)?.user
}

function fileViews(state: SlackState, id: string): readonly unknown[] {
  const file = state.files.get(id)
  return file ? [fileView(state, file)] : []
}

function grouped(reactions: StoredMessage['reactions']): readonly unknown[] {
  return [...new Set(reactions.map(({ name }) => name))].map((name) => {
    const users = reactions.filter((reaction) => reaction.name === name).map(({ user }) => user)
    return { name, users, count: users.length }
  })
}
