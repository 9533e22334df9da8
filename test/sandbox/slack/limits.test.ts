import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { RateLimiter, slackLimits } from '../../../src/sandbox/slack/limits.ts'

describe('the rate limiter', () => {
  it('lets a call pass after exactly the wait that it named', () => {
    fc.assert(
      fc.property(fc.constantFrom<1 | 2 | 3 | 4>(1, 2, 3, 4), fc.nat(100_000), (tier, startMs) => {
        let now = startMs
        const limiter = new RateLimiter(slackLimits, () => now)
        let wait: number | undefined
        let passed = 0
        while (wait === undefined) {
          wait = limiter.retryAfterSeconds('a.method', tier, '')
          if (wait === undefined) passed += 1
        }
        expect(passed).toBe(slackLimits.tierPerMinute[tier])
        now += wait * 1000
        expect(limiter.retryAfterSeconds('a.method', tier, '')).toBeUndefined()
      }),
    )
  })

  it('never lets more than burst plus one per second into a channel, however the calls come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(700), { minLength: 1, maxLength: 200 }), (gapsMs) => {
        let now = 0
        const limiter = new RateLimiter(slackLimits, () => now)
        const passes = gapsMs.filter((gapMs) => {
          now += gapMs
          return limiter.retryAfterSeconds('chat.postMessage', 'post', 'C1') === undefined
        })
        expect(passes.length).toBeLessThanOrEqual(slackLimits.postMessageBurst + Math.floor(now / 1000))
      }),
    )
  })

  it('counts methods, channels and the whole workspace apart', () => {
    const limiter = new RateLimiter({ ...slackLimits, workspacePostsPerMinute: 4, perMinute: { 'x.y': 1 } }, () => 0)
    const post = (channel: string) => limiter.retryAfterSeconds('chat.postMessage', 'post', channel)
    expect([post('A'), post('A'), post('A'), post('A')]).toEqual([undefined, undefined, undefined, 1])
    expect([post('B'), post('B')]).toEqual([undefined, 15])
    expect([limiter.retryAfterSeconds('x.y', 4, ''), limiter.retryAfterSeconds('x.y', 4, '')]).toEqual([undefined, 60])
    expect(limiter.retryAfterSeconds('x.z', 4, '')).toBeUndefined()
  })

  it('lets no more than the stated number through in any minute, wherever that begins', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4_000), { minLength: 1, maxLength: 200 }), (gapsMs) => {
        let now = 0
        const limiter = new RateLimiter({ ...slackLimits, inAnyMinute: { 'chat.update': 50 } }, () => now)
        const passedAt = gapsMs.flatMap((gapMs) => {
          now += gapMs
          return limiter.retryAfterSeconds('chat.update', 3, '') === undefined ? [now] : []
        })
        const most = Math.max(
          0,
          ...passedAt.map((from) => passedAt.filter((at) => at >= from && at < from + 60_000).length),
        )
        expect(most).toBeLessThanOrEqual(50)
      }),
    )
  })

  it('counts the posts of any minute in each channel, and lets one pass after the wait that it named', () => {
    let now = 0
    const limits = { ...slackLimits, postMessageBurst: 100, inAnyMinute: { 'chat.postMessage': 2 } }
    const limiter = new RateLimiter(limits, () => now)
    const post = (channel: string) => limiter.retryAfterSeconds('chat.postMessage', 'post', channel)
    expect([post('A'), post('A'), post('A'), post('B')]).toEqual([undefined, undefined, 60, undefined])
    now = 60_000
    expect(post('A')).toBeUndefined()
  })
})
