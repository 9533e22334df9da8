import type { SlackMethod } from './api.ts'
import type { Budget } from './budget.ts'

export interface OutboxLimits {
  /** chat.postMessage, in each channel. */
  readonly channelPosts: Budget
  /** chat.postMessage, in all channels together. */
  readonly workspacePosts: Budget
  /** Every other method that has to wait; absent ones never do. */
  readonly methods: Readonly<Partial<Record<SlackMethod, Budget>>>
}

/** A fifth of each budget is kept for what is urgent. */
const perMinute = (calls: number): Budget => ({ burst: calls, perSecond: calls / 60, reserve: Math.floor(calls / 5) })

/**
 * docs.slack.dev, "Rate limits": one post a second and channel, several hundred a minute in a workspace; other methods by tier. A little
 * below, since two clocks measure it: an answer 429 costs more than the wait that avoids it.
 */
export const outboxLimits: OutboxLimits = {
  channelPosts: { burst: 3, perSecond: 0.95, reserve: 0 },
  workspacePosts: { burst: 60, perSecond: 4, reserve: 10 },
  methods: {
    'chat.update': perMinute(48),
    'conversations.history': perMinute(48),
    'conversations.replies': perMinute(48),
    'chat.postEphemeral': perMinute(95),
    'files.getUploadURLExternal': perMinute(95),
    'files.completeUploadExternal': perMinute(95),
    'usergroups.users.list': perMinute(19),
  },
}
