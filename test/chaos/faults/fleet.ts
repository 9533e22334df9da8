import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chronicle } from '../chronicle.ts'
import { createMortalBot, type MortalBot } from '../mortal-bot.ts'
import { freePorts, type Town } from '../town.ts'
import { type Backend, type Balancer, startBalancer } from './balancer.ts'
import { fillDisk } from './full-disk.ts'

const MAIN = join(process.env.INCBOT_DIST ?? 'dist', 'main.js')
/** Another version, built elsewhere: every restart in order is then an upgrade or its way back, and both versions work side by side. */
const OTHER_DIST = process.env.INCBOT_CHAOS_OTHER_DIST
const OTHER_MAIN = OTHER_DIST === undefined ? MAIN : join(OTHER_DIST, 'main.js')
/** Three bots that start at the same time on two cores take their time. */
const READY_MS = 90_000

/** What Kubernetes gives a pod to end in order, also while Redis is away. */
const END_MS = 30_000

/** Equal bots behind one address. */
export interface Fleet {
  readonly bots: readonly MortalBot[]
  readonly balancer: Balancer
  /** kill -9, and a new life `downMs` later. Resolves when the process exists. */
  kill(index: number, downMs: number): Promise<void>
  /** SIGSTOP for `ms`. Resolves when it goes on. */
  freeze(index: number, ms: number): Promise<void>
  /** No room on its disk for `ms`. Resolves when there is again. */
  fillDisk(index: number, ms: number): Promise<void>
  /** SIGTERM, as an upgrade does it, once it answers; and a new life at once. */
  restart(index: number): Promise<void>
  /** Everything that was not as it should be: bots that ended by themselves, or not with 0 after SIGTERM. */
  readonly complaints: readonly string[]
  /** All of them answer. */
  ready(): Promise<void>
  /** SIGTERM for all. */
  end(): Promise<void>
  /** kill -9 for all, and the balancer is gone. */
  destroy(): Promise<void>
}

/** `env` holds what all bots share besides the town. */
export async function startFleet(
  town: Town,
  count: number,
  env: Readonly<Record<string, string>>,
  chronicle: Chronicle,
): Promise<Fleet> {
  const ports = await freePorts(2 * count)
  const backends: readonly Backend[] = Array.from({ length: count }, (_, index) => ({
    url: `http://127.0.0.1:${ports[2 * index]}`,
    opsUrl: `http://127.0.0.1:${ports[2 * index + 1]}`,
  }))
  const programs = backends.map(() => OTHER_MAIN)
  const bots = backends.map(({ opsUrl }, index) =>
    createMortalBot({
      get main() {
        return programs[index] ?? MAIN
      },
      opsUrl,
      shiftable: true,
      env: {
        ...town.env,
        ...env,
        PORT: String(ports[2 * index]),
        OPS_PORT: String(ports[2 * index + 1]),
        // One on SQLite keeps its records there; several have but their switch file.
        INCBOT_DATA_DIR: count === 1 ? town.dataDir : `${town.dataDir}-${index}`,
      },
    }),
  )
  const complaints: string[] = []
  const occupied = new Set<number>()
  const balancer = await startBalancer(backends)
  for (const bot of bots) bot.start()

  /** One thing at a time happens to a bot: what comes meanwhile is too late. */
  async function occupy(index: number, work: (bot: MortalBot) => Promise<void>): Promise<void> {
    const bot = bots[index]
    if (bot === undefined || occupied.has(index)) return
    occupied.add(index)
    try {
      if (!bot.running) complaints.push(`bot ${index} ended by itself: ${bot.logs.slice(-3).join('\n')}`)
      await work(bot)
    } finally {
      if (!bot.running) bot.start()
      occupied.delete(index)
    }
  }

  return {
    bots,
    balancer,
    complaints,
    kill: (index, downMs) =>
      occupy(index, async (bot) => {
        chronicle.note(undefined, `--- kill -9 bot ${index} ---`)
        bot.kill()
        await bot.gone()
        await sleep(downMs)
      }),
    freeze: (index, ms) =>
      occupy(index, async (bot) => {
        chronicle.note(undefined, `--- bot ${index} is frozen for ${ms} ms ---`)
        bot.pause()
        await sleep(ms)
        bot.resume()
        chronicle.note(undefined, `--- bot ${index} goes on ---`)
      }),
    fillDisk: (index, ms) =>
      occupy(index, async (bot) => {
        if (bot.pid === undefined) return
        chronicle.note(undefined, `--- the disk of bot ${index} is full for ${ms} ms ---`)
        await fillDisk(bot.pid, ms)
        chronicle.note(undefined, `--- the disk of bot ${index} has room ---`)
      }),
    restart: (index) =>
      occupy(index, async (bot) => {
        // Before it listens to signals, any of them is the end.
        await bot.ready(READY_MS)
        chronicle.note(undefined, `--- bot ${index} is restarted in order ---`)
        complaints.push(...endedBadly(index, bot, await bot.stop(END_MS)))
        programs[index] = programs[index] === MAIN ? OTHER_MAIN : MAIN
      }),
    async ready() {
      await Promise.all(bots.map((bot) => bot.ready(READY_MS)))
    },
    async end() {
      const ended = bots.map(async (bot, index) => endedBadly(index, bot, await bot.stop(END_MS)))
      complaints.push(...(await Promise.all(ended)).flat())
    },
    async destroy() {
      for (const bot of bots) bot.kill()
      await Promise.all([...bots.map((bot) => bot.gone()), balancer.stop()])
    },
  }
}

function endedBadly(index: number, { logs }: MortalBot, code: number | undefined): readonly string[] {
  if (code === 0) return []
  return [`bot ${index} ended with ${code ?? 'a signal'} after SIGTERM, having said:\n${logs.slice(-8).join('\n')}`]
}
