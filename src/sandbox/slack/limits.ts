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
  /**
   * On top of the buckets, by method: no more calls than this in any 60 seconds, wherever these begin. Buckets let a full burst and a
   * minute's refill through in the same minute. chat.postMessage counts in each channel.
   */
  readonly inAnyMinute: Readonly<Record<string, number>>
}

export type Tier = 1 | 2 | 3 | 4

/** docs.slack.dev, "Rate limits": tiers are minimum guarantees, so the stand-in grants exactly them. */
export const slackLimits: SlackLimits = {
  postMessagePerSecond: 1,
  postMessageBurst: 3,
  workspacePostsPerMinute: 300,
  tierPerMinute: { 1: 1, 2: 20, 3: 50, 4: 100 },
  perMinute: {},
  inAnyMinute: {},
}

interface Bucket {
  tokens: number
  atMs: number
}

const MINUTE_MS = 60_000

/** Token buckets per method, and per channel for posts; and what may pass in any minute. */
export class RateLimiter {
  readonly #limits: SlackLimits
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()
  readonly #passedAt = new Map<string, readonly number[]>()

  constructor(limits: SlackLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** Seconds to wait (whole, at least 1), or undefined when the call may pass, which it then has. */
  retryAfterSeconds(method: string, tier: Tier | 'post' | 'unlimited', channel: string): number | undefined {
    if (tier === 'unlimited') return undefined
    const key = tier === 'post' ? `${method}:${channel}` : method
    const wait = this.#minuteWait(method, key) ?? this.#bucketWait(method, tier, channel)
    if (wait === undefined && this.#limits.inAnyMinute[method] !== undefined)
      this.#passedAt.set(key, [...this.#recent(key), this.#now()])
    return wait
  }

  #bucketWait(method: string, tier: Tier | 'post', channel: string): number | undefined {
    if (tier === 'post') return this.#retryPost(channel)
    const perMinute = this.#limits.perMinute[method] ?? this.#limits.tierPerMinute[tier]
    return this.#take(`method:${method}`, perMinute, perMinute / 60)
  }

  #recent(key: string): readonly number[] {
    return (this.#passedAt.get(key) ?? []).filter((at) => at > this.#now() - MINUTE_MS)
  }

  /** Until the oldest of a full minute is a minute old. */
  #minuteWait(method: string, key: string): number | undefined {
    const most = this.#limits.inAnyMinute[method]
    const recent = this.#recent(key)
    const [oldest] = recent
    if (most === undefined || oldest === undefined || recent.length < most) return undefined
    return Math.max(1, Math.ceil((oldest + MINUTE_MS - this.#now()) / 1000))
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
