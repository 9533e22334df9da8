import { z } from 'zod'
import { checkMessageBlocks } from './blocks/check.ts'
import { problemTexts } from './blocks/problems.ts'
import { addMessage, deleteMessage, editMessage, findMessage } from './messages.ts'
import { MethodRefusal, refusalWithMessages } from './refusal.ts'
import { jsonReply, type Reply, textReply } from './replies.ts'
import type { ResponseTarget } from './response-urls.ts'
import { type SlackState, showEphemeral } from './state.ts'
import { identity } from './workspace.ts'

const response = z.strictObject({
  text: z.string().optional(),
  blocks: z.array(z.unknown()).optional(),
  response_type: z.enum(['ephemeral', 'in_channel']).optional(),
  replace_original: z.boolean().optional(),
  delete_original: z.boolean().optional(),
  thread_ts: z.string().optional(),
  unfurl_links: z.boolean().optional(),
  unfurl_media: z.boolean().optional(),
})

/** A POST to a response URL. */
export function useResponseUrl(state: SlackState, path: string, body: string): Reply {
  const target = state.responseUrls.spend(path)
  if (typeof target === 'string') return jsonReply(404, { ok: false, error: target })
  try {
    applyResponse(state, target, parsed(body))
    return textReply(200, 'ok')
  } catch (error) {
    if (error instanceof MethodRefusal) return jsonReply(400, { ok: false, error: error.code, ...error.fields })
    throw error
  }
}

/** Shows an app's answer to a command or interaction. Throws `MethodRefusal` for one that Slack would not show. */
export function applyResponse(state: SlackState, target: ResponseTarget, value: unknown): void {
  const result = response.safeParse(value)
  if (!result.success) throw refusalWithMessages('invalid_arguments', problemTexts(result.error.issues, value, ''))
  const { text = '', blocks, response_type, replace_original, delete_original, thread_ts } = result.data
  const { workspace } = state
  const channel = workspace.channels.get(target.channel)
  if (!channel) throw new MethodRefusal('channel_not_found')
  const original = target.messageTs === undefined || target.ephemeral ? undefined : target.messageTs
  if (delete_original) {
    if (original !== undefined) deleteMessage(workspace, channel, findMessage(channel, original))
    return
  }
  if (text.trim() === '') throw new MethodRefusal('no_text')
  if (blocks) checkMessageBlocks(blocks, (file) => state.files.state(file))
  if (replace_original && original !== undefined)
    editMessage(workspace, channel, findMessage(channel, original), { text, blocks: blocks ?? [] })
  else if (response_type === 'in_channel')
    addMessage(workspace, channel, { user: identity.userId, text, blocks, threadTs: thread_ts })
  else showEphemeral(state, { channel: channel.id, user: target.user, text, blocks, threadTs: thread_ts })
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new MethodRefusal('invalid_payload')
  }
}
