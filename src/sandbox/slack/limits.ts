export interface SlackLimits {
  /** chat.postMessage: sustained, per channel. */
  readonly postMessagePerSecond: number
  /** How many posts a channel takes at once before the sustained rate binds. */
  readonly postMessageBurst: number
  /** Posts of the app in all channels together. */
  readonly workspacePostsPerMinute: number
  readonly tierPerMinute: Readonly<Record<Tier, number>>
  /** Exceptions by method name, calls per minute. */
  readonly perMinute: Readonly<Record<string, number>>
}

export type Tier = 1 | 2 | 3 | 4

/** docs.slack.dev, "Rate limits": tiers are minimum guarantees, so the stand-in grants exactly them. */
export const slackLimits: SlackLimits = {
  postMessagePerSecond: 1,
  postMessageBurst: 3,
  workspacePostsPerMinute: 300,
  tierPerMinute: { 1: 1, 2: 20, 3: 50, 4: 100 },
  perMinute: {},
}

interface Bucket {
  tokens: number
  atMs: number
}

/** Token buckets per method, and per channel for posts. */
export class RateLimiter {
  readonly #limits: SlackLimits
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  constructor(limits: SlackLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** Seconds to wait (whole, at least 1), or undefined when the call may pass, which it then has. */
  retryAfterSeconds(method: string, tier: Tier | 'post' | 'unlimited', channel: string): number | undefined {
    if (tier === 'unlimited') return undefined
    if (tier === 'post') return this.#retryPost(channel)
    const perMinute = this.#limits.perMinute[method] ?? this.#limits.tierPerMinute[tier]
    return this.#take(`method:${method}`, perMinute, perMinute / 60)
  }

  #retryPost(channel: string): number | undefined {
    const { postMessageBurst, postMessagePerSecond, workspacePostsPerMinute } = this.#limits
    return (
      this.#take(`channel:${channel}`, postMessageBurst, postMessagePerSecond) ??
      this.#take('workspace', workspacePostsPerMinute, workspacePostsPerMinute / 60)
    )
  }

  #take(key: string, capacity: number, perSecond: number): number | undefined {
    const now = this.#now()
    const last = this.#buckets.get(key) ?? { tokens: capacity, atMs: now }
    const tokens = Math.min(capacity, last.tokens + (Math.max(0, now - last.atMs) / 1000) * perSecond)
    const passes = tokens >= 1
    this.#buckets.set(key, { tokens: passes ? tokens - 1 : tokens, atMs: now })
    return passes ? undefined : Math.max(1, Math.ceil((1 - tokens) / perSecond))
  }
}
