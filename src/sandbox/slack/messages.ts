import { withIds } from './blocks/ids.ts'
import { messageReferences } from './mrkdwn.ts'
import { MethodRefusal } from './refusal.ts'
import type { SlackMessage, SlackMetadata } from './types.ts'
import type { Channel, StoredMessage, Workspace } from './workspace.ts'

export interface NewMessage {
  readonly user: string
  readonly text: string
  readonly blocks?: readonly unknown[] | undefined
  readonly metadata?: SlackMetadata | undefined
  readonly threadTs?: string | undefined
  readonly broadcast?: boolean | undefined
  readonly files?: readonly string[]
}

/** Adds a message to a channel. A thread's parent must exist and be top level, which Slack itself does not insist on. */
export function addMessage(workspace: Workspace, channel: Channel, message: NewMessage): StoredMessage {
  const { user, text, blocks, metadata, threadTs, broadcast, files = [] } = message
  if (threadTs !== undefined) {
    const parent = channel.messages.find(({ ts, deleted }) => ts === threadTs && !deleted)
    if (!parent) throw new MethodRefusal('thread_not_found')
    if (parent.threadTs !== undefined) throw new MethodRefusal('cannot_reply_to_message')
  }
  const stored: StoredMessage = {
    ts: workspace.nextTs(),
    user,
    text,
    edited: 0,
    files,
    reactions: [],
    ...(blocks && blocks.length > 0 && { blocks: withIds(blocks) }),
    ...(metadata && { metadata }),
    ...(threadTs !== undefined && { threadTs }),
    ...(broadcast === true && { broadcast }),
  }
  channel.messages.push(stored)
  workspace.emit({ type: 'message', channel: channel.id, message: snapshot(stored), at: workspace.now() })
  return stored
}

/** Replaces text, blocks and metadata (absent metadata stays). The ts stays. */
export function editMessage(
  workspace: Workspace,
  channel: Channel,
  message: StoredMessage,
  change: { readonly text: string; readonly blocks: readonly unknown[]; readonly metadata?: SlackMetadata | 'remove' },
): void {
  message.text = change.text
  message.edited += 1
  message.editedTs = workspace.nextTs()
  if (change.blocks.length > 0) message.blocks = withIds(change.blocks)
  else delete message.blocks
  if (change.metadata === 'remove') delete message.metadata
  else if (change.metadata) message.metadata = change.metadata
  workspace.emit({ type: 'update', channel: channel.id, message: snapshot(message), at: workspace.now() })
}

export function deleteMessage(workspace: Workspace, channel: Channel, message: StoredMessage): void {
  message.deleted = true
  workspace.emit({ type: 'delete', channel: channel.id, message: snapshot(message), at: workspace.now() })
}

export function findMessage(channel: Channel, ts: string): StoredMessage {
  const message = channel.messages.find((candidate) => candidate.ts === ts && !candidate.deleted)
  if (!message) throw new MethodRefusal('message_not_found')
  return message
}

/** The message as tests and the demo see it, cut off from later edits. */
export function snapshot(message: StoredMessage): SlackMessage {
  const { reactions: _, editedTs: __, ...rest } = message
  return { ...rest, ...messageReferences(message.text, message.blocks) }
}
