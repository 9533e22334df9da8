import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const CLOCK = new URL('shifted-clock.mjs', import.meta.url).href

/** A bot that can be killed or frozen at any moment of its life and lives again at once. */
export interface MortalBot {
  readonly opsUrl: string
  /** How often it was killed. */
  readonly deaths: number
  readonly running: boolean
  /** Of its present life. */
  readonly pid: number | undefined
  /** When each of its lives began, ms since the epoch. */
  readonly births: readonly number[]
  /** Everything that all its lives wrote. */
  readonly logs: readonly string[]
  /** Starts a process and resolves as soon as it exists, long before it answers. */
  start(): void
  /** SIGKILL, effective before the next line runs. Does nothing while it is dead. */
  kill(): void
  /** SIGSTOP: it is there and does nothing; SIGCONT: it goes on in the middle of whatever it did. */
  pause(): void
  resume(): void
  /** Moves its clock, until it dies, that far from the true one. Needs `shiftable`. */
  shiftClock(ms: number): void
  /** Resolves once the process is gone, its files free. */
  gone(): Promise<void>
  /** Resolves when it answers on its ops port; rejects when it does not within `ms`. */
  ready(ms: number): Promise<void>
  /** Figures of `/metrics` by name, without labels; undefined when it does not answer. */
  metrics(): Promise<ReadonlyMap<string, number> | undefined>
  /** SIGTERM, and SIGKILL after `withinMs`; resolves with the exit code, undefined where a signal ended it. */
  stop(withinMs?: number): Promise<number | undefined>
}

export function createMortalBot(options: {
  /** The program; read anew for each life. */
  readonly main: string
  readonly env: Readonly<Record<string, string>>
  readonly opsUrl: string
  /** Its clock can be moved: something stands before it that replaces `Date`. */
  readonly shiftable?: boolean
}): MortalBot {
  const preload = options.shiftable === true ? ['--import', CLOCK] : []
  const logs: string[] = []
  const births: number[] = []
  let child: ChildProcess | undefined
  let ended: Promise<number | undefined> = Promise.resolve(undefined)
  let deaths = 0
  // Node calls a child killed that was sent any signal.
  let dying = false

  function start(): void {
    births.push(Date.now())
    dying = false
    const born = spawn(process.execPath, [...preload, options.main, 'serve'], {
      env: { PATH: process.env.PATH ?? '', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', ...(options.shiftable === true ? ['ipc' as const] : [])],
    })
    for (const stream of [born.stdout, born.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => logs.push(line))
    const killNow = (): void => void born.kill('SIGKILL')
    process.once('exit', killNow)
    child = born
    ended = new Promise((resolve) => {
      born.once('error', () => resolve(undefined))
      born.once('close', (code) => {
        process.off('exit', killNow)
        if (child === born) child = undefined
        resolve(code ?? undefined)
      })
    })
  }

  async function answers(path: string): Promise<string | undefined> {
    try {
      const response = await fetch(`${options.opsUrl}${path}`, { signal: AbortSignal.timeout(2_000) })
      const text = await response.text()
      return response.ok ? text : undefined
    } catch {
      return undefined
    }
  }

  return {
    opsUrl: options.opsUrl,
    get deaths() {
      return deaths
    },
    get running() {
      return child !== undefined
    },
    get pid() {
      return child?.pid
    },
    logs,
    births,
    start,
    kill() {
      if (child?.pid === undefined || dying) return
      dying = true
      child.kill('SIGKILL')
      deaths += 1
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    shiftClock(ms) {
      if (child?.connected === true) child.send({ clockIsOffByMs: ms })
    },
    gone: async () => void (await ended),
    async ready(ms) {
      const end = Date.now() + ms
      while ((await answers('/healthz')) === undefined) {
        if (child === undefined) throw new Error(`The bot ended by itself: ${logs.slice(-5).join('\n')}`)
        if (Date.now() > end)
          throw new Error(`The bot did not answer within ${ms / 1000} s: ${logs.slice(-5).join('\n')}`)
        await sleep(25)
      }
    },
    async metrics() {
      const text = await answers('/metrics')
      if (text === undefined) return undefined
      return new Map(
        text.split('\n').flatMap((line): [string, number][] => {
          const parts = /^(\w+)(?:\{[^}]*\})? (\S+)$/.exec(line)
          return parts?.[1] === undefined ? [] : [[parts[1], Number(parts[2])]]
        }),
      )
    },
    async stop(withinMs = 20_000) {
      child?.kill('SIGTERM')
      const impatient = setTimeout(() => child?.kill('SIGKILL'), withinMs)
      const code = await ended
      clearTimeout(impatient)
      return code
    },
  }
}
