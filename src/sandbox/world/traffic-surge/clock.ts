/** The world's time: real time, or ahead of it where somebody let it run faster. */
export interface WorldClock {
  readonly now: () => number
  /** How far it is ahead of the real clock, in milliseconds. */
  readonly aheadMs: () => number
  /** From now on so many times as fast as real time. */
  readonly run: (speed: number) => void
  readonly speed: () => number
}

export function worldClock(realNow: () => number = Date.now): WorldClock {
  let since = realNow()
  let base = since
  let speed = 1
  const now = (): number => Math.round(base + (realNow() - since) * speed)
  return {
    now,
    aheadMs: () => now() - realNow(),
    speed: () => speed,
    run(faster) {
      base = now()
      since = realNow()
      speed = faster
    },
  }
}
