import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../src/sandbox/world/random.ts'
import type { Chronicle } from './chronicle.ts'
import type { MortalBot } from './mortal-bot.ts'

/** Moments at which a crash is at its worst: something has happened outside, and the bot has not yet heard that it did. */
export type Moment = 'webhook under way' | 'Slack took a message' | 'Slack took an edit' | 'Kubernetes took a restart'

export interface Reaper {
  /** Told of every such moment; kills the bot there if that is what it waits for. */
  at(moment: Moment): void
  /** Kills and restarts the bot `kills` times. Resolves when it runs again after the last. */
  readonly done: Promise<void>
  readonly kills: ReadonlyMap<string, number>
}

/** Longest time that it waits for a moment that does not come. */
const PATIENCE_MS = 2_500
/** A start takes a second; on two cores, with four bots that start all the time, several. */
const READY_MS = 30_000

/** Restarts need a press first and so come rarely: they are waited for more often. */
const WORST: readonly [Moment, ...Moment[]] = [
  'webhook under way',
  'Slack took a message',
  'Slack took an edit',
  'Kubernetes took a restart',
  'Kubernetes took a restart',
]

/** A fifth of the kills come while the bot starts, a third at any time, half at the worst moments. */
export function startReaper(options: {
  readonly bot: MortalBot
  readonly kills: number
  readonly random: Random
  readonly chronicle: Chronicle
}): Reaper {
  const { bot, random, chronicle } = options
  const kills = new Map<string, number>()
  let awaited: { readonly moment: Moment; readonly afterMs: number; readonly strike: () => void } | undefined

  function kill(when: string): void {
    if (!bot.running) return
    bot.kill()
    kills.set(when, (kills.get(when) ?? 0) + 1)
    chronicle.note(undefined, `--- kill -9 (${when}) ---`)
  }

  async function killOnce(): Promise<void> {
    const chance = random.between(0, 1)
    if (chance < 0.2) {
      await sleep(random.between(50, 900))
      kill('while starting')
    } else {
      await bot.ready(READY_MS)
      if (chance < 0.5) {
        await sleep(random.between(0, 1_200))
        kill('at any time')
      } else {
        await sleep(random.between(0, 400))
        await killAt(random.pick(WORST), random.pick([0, 0, random.between(0, 40)]))
      }
    }
    await bot.gone()
    bot.start()
  }

  /** Kills `afterMs` after the next such moment. */
  function killAt(moment: Moment, afterMs: number): Promise<void> {
    return new Promise((resolve) => {
      let struck = false
      const strike = (when: string) => (): void => {
        if (struck) return
        struck = true
        clearTimeout(impatient)
        awaited = undefined
        kill(when)
        resolve()
      }
      const impatient = setTimeout(strike('at any time'), PATIENCE_MS)
      awaited = { moment, afterMs, strike: strike(moment) }
    })
  }

  async function all(): Promise<void> {
    for (let count = 0; count < options.kills; count += 1) await killOnce()
    await bot.ready(READY_MS)
  }

  return {
    at(moment) {
      if (awaited?.moment !== moment) return
      const { afterMs, strike } = awaited
      awaited = undefined
      if (afterMs === 0) strike()
      else setTimeout(strike, afterMs)
    },
    done: all(),
    kills,
  }
}
