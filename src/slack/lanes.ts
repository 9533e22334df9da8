import type { SlackMethod } from './api.ts'
import type { Budget } from './budget.ts'
import type { OutboxLimits } from './limits.ts'

/** Something that is limited and paused as a whole. */
export interface Lane {
  readonly lane: string
  readonly budget: Budget | undefined
}

/**
 * The limits that concern a call, the narrowest first: that is the one which a 429 pauses. Posts are limited by channel and by workspace,
 * everything else by method; what Slack bounds by seconds of its own (modals) is not limited at all.
 */
export function lanesOf(
  { method, channel }: { readonly method: SlackMethod; readonly channel?: string },
  limits: OutboxLimits,
): readonly Lane[] {
  if (method === 'views.open') return []
  if (method !== 'chat.postMessage') return [{ lane: method, budget: limits.methods[method] }]
  return [
    { lane: `${method}:${channel ?? ''}`, budget: limits.channelPosts },
    { lane: method, budget: limits.workspacePosts },
  ]
}
