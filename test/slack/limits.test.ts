import { expect, it } from '@jest/globals'
import { outboxLimits, sharedLimits } from '../../src/slack/limits.ts'

it('one bot alone uses all that Slack grants', () => {
  expect(sharedLimits(() => 1)()).toBe(outboxLimits)
})

it.each([2, 3, 7])('%d replicas together use no more than one alone, and each gets something', (replicas) => {
  const share = sharedLimits(() => replicas)()
  const pairs = [
    [share.channelPosts, outboxLimits.channelPosts],
    [share.workspacePosts, outboxLimits.workspacePosts],
    ...Object.entries(outboxLimits.methods).map(([method, all]) => [
      share.methods[method as keyof typeof share.methods],
      all,
    ]),
  ] as const
  expect(pairs).toHaveLength(9)
  for (const [part, all] of pairs) {
    if (part === undefined || all === undefined) throw new Error('A budget is missing')
    expect(part.perSecond * replicas).toBeCloseTo(all.perSecond)
    expect((part.inAnyMinute ?? 0) * replicas).toBeLessThanOrEqual(all.inAnyMinute ?? 0)
    expect(part.burst).toBeGreaterThanOrEqual(1)
    expect(part.reserve).toBeLessThan(part.burst)
  }
})

it('the share changes as replicas come and go', () => {
  let replicas = 1
  const limits = sharedLimits(() => replicas)
  replicas = 2
  expect(limits().methods['chat.update']?.inAnyMinute).toBe(24)
  replicas = 1
  expect(limits().methods['chat.update']?.inAnyMinute).toBe(48)
})
