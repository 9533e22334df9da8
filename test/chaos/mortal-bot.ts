import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

/** A bot that can be killed at any moment of its life and lives again at once. */
export interface MortalBot {
  /** How often it was killed. */
  readonly deaths: number
  readonly running: boolean
  /** Everything that all its lives wrote. */
  readonly logs: readonly string[]
  /** Starts a process and resolves as soon as it exists, long before it answers. */
  start(): void
  /** SIGKILL, effective before the next line runs. Does nothing while it is dead. */
  kill(): void
  /** Resolves once the process is gone, its files free. */
  gone(): Promise<void>
  /** Resolves when it answers on its ops port; rejects when it does not within `ms`. */
  ready(ms: number): Promise<void>
  /** Figures of `/metrics` by name, without labels; undefined when it does not answer. */
  metrics(): Promise<ReadonlyMap<string, number> | undefined>
  /** SIGTERM; resolves with the exit code, undefined where a signal ended it. */
  stop(): Promise<number | undefined>
}

export function createMortalBot(options: {
  readonly main: string
  readonly env: Readonly<Record<string, string>>
  readonly opsUrl: string
}): MortalBot {
  const logs: string[] = []
  let child: ChildProcess | undefined
  let ended: Promise<number | undefined> = Promise.resolve(undefined)
  let deaths = 0

  function start(): void {
    const born = spawn(process.execPath, [options.main, 'serve'], {
      env: { PATH: process.env.PATH ?? '', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [born.stdout, born.stderr])
      createInterface({ input: stream }).on('line', (line) => logs.push(line))
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
    get deaths() {
      return deaths
    },
    get running() {
      return child !== undefined
    },
    logs,
    start,
    kill() {
      if (child?.pid === undefined || child.killed) return
      child.kill('SIGKILL')
      deaths += 1
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
    async stop() {
      child?.kill('SIGTERM')
      const impatient = setTimeout(() => child?.kill('SIGKILL'), 20_000)
      const code = await ended
      clearTimeout(impatient)
      return code
    },
  }
}
