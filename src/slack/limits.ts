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

/** So many calls in any minute, wherever it begins; a quarter of them is kept for people. */
const perMinute = (calls: number): Budget => ({
  burst: calls,
  perSecond: calls / 60,
  reserve: Math.floor(calls / 4),
  inAnyMinute: calls,
})

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

/** What this one of several replicas may use: as much as each other one, so that together they stay within what Slack grants. */
export function sharedLimits(replicas: () => number, all: OutboxLimits = outboxLimits): () => OutboxLimits {
  let share = all
  let of = 1
  return () => {
    if (replicas() !== of) {
      of = replicas()
      share = shareOf(all, of)
    }
    return share
  }
}

function shareOf({ channelPosts, workspacePosts, methods }: OutboxLimits, replicas: number): OutboxLimits {
  const part = ({ burst, perSecond, reserve, inAnyMinute }: Budget): Budget => ({
    burst: Math.max(1, Math.floor(burst / replicas)),
    perSecond: perSecond / replicas,
    reserve: Math.floor(reserve / replicas),
    ...(inAnyMinute !== undefined && { inAnyMinute: Math.max(1, Math.floor(inAnyMinute / replicas)) }),
  })
  return {
    channelPosts: part(channelPosts),
    workspacePosts: part(workspacePosts),
    methods: Object.fromEntries(Object.entries(methods).map(([method, budget]) => [method, part(budget)])),
  }
}
