import type { SlackMethod } from './api.ts'
import type { Bucket } from './budget.ts'
import { refilled, spent, waitMs } from './budget.ts'
import { lanesOf } from './lanes.ts'
import type { OutboxLimits } from './limits.ts'
import type { Priority } from './priority.ts'

/** What is known of a call that limits concern. */
interface Limited {
  readonly method: SlackMethod
  readonly channel?: string
}

/** What Slack still takes, by our own count and by what Slack itself said. */
export interface Allowance {
  /** Names of what limits the call. */
  lanesOf(request: Limited): readonly string[]
  /** ms until Slack's pauses are over that concern the call, and until it may begin when `ahead` others of each lane go first. */
  delayOf(
    request: Limited,
    priority: Priority,
    ahead: ReadonlyMap<string, number>,
  ): { readonly paused: number; readonly delay: number }
  /** The call begins. */
  hold(request: Limited): void
  /** It has ended. Slack counts it when it arrives, which is at the latest now: until now nobody else got what it costs. */
  spend(request: Limited): void
  /** Slack wants no such call before `until`: in the channel of a post, or of the method. */
  pause(request: Limited, until: number): void
}

export function createAllowance(limits: () => OutboxLimits, now: () => number): Allowance {
  const buckets = new Map<string, Bucket>()
  const underWay = new Map<string, number>()
  const pausedUntil = new Map<string, number>()
  const countUnderWay = (lane: string, change: number): void => {
    underWay.set(lane, (underWay.get(lane) ?? 0) + change)
  }

  return {
    lanesOf: (request) => lanesOf(request, limits()).map(({ lane }) => lane),
    delayOf(request, priority, ahead) {
      const lanes = lanesOf(request, limits())
      const paused = Math.max(0, ...lanes.map(({ lane }) => (pausedUntil.get(lane) ?? 0) - now()))
      const waits = lanes.map(({ lane, budget }) => {
        if (budget === undefined) return 0
        const before = (ahead.get(lane) ?? 0) + (underWay.get(lane) ?? 0)
        return waitMs(budget, refilled(budget, buckets.get(lane), now()), priority, before)
      })
      return { paused, delay: Math.max(paused, ...waits) }
    },
    hold(request) {
      for (const { lane } of lanesOf(request, limits())) countUnderWay(lane, 1)
    },
    spend(request) {
      for (const { lane, budget } of lanesOf(request, limits())) {
        countUnderWay(lane, -1)
        if (budget === undefined) continue
        buckets.set(lane, spent(budget, refilled(budget, buckets.get(lane), now())))
      }
    },
    pause(request, until) {
      const [narrowest] = lanesOf(request, limits())
      if (narrowest === undefined) return
      pausedUntil.set(narrowest.lane, Math.max(until, pausedUntil.get(narrowest.lane) ?? 0))
    },
  }
}
