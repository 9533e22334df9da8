import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A bot that runs as a process of its own, as it does in production. */
export interface BotProcess {
  readonly pid: number
  /** Where webhooks, Slack and the gate's questions go. */
  readonly url: string
  /** Metrics and health. */
  readonly opsUrl: string
  /** What it has written so far, standard output and errors, line by line. */
  readonly logs: readonly string[]
  /** Resolves when the process has ended, with its exit code; undefined when a signal ended it. */
  readonly ended: Promise<number | undefined>
  kill(signal: NodeJS.Signals): void
  /** Asks it to drain, and kills it if that takes too long. Resolves when it is gone; may be called again. */
  stop(): Promise<void>
}

export interface BotProcessOptions {
  /** The built `main.js`. */
  readonly main: string
  /** The bot's whole environment: nothing else of ours is passed on, but for where programs are found. Needs `HOST`, `PORT` and `OPS_PORT`. */
  readonly env: Readonly<Record<string, string>>
  /** Gets every line as well. */
  readonly logFile?: string
  readonly readyWithinMs?: number
}

const DRAIN_MS = 10_000
const POLL_MS = 50

/** Starts `serve` and waits until it answers on its ops port. Rejects with its last lines when it ends before or takes too long. */
export async function startBotProcess(options: BotProcessOptions): Promise<BotProcess> {
  const { main, env, logFile, readyWithinMs = 20_000 } = options
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const logs: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      logs.push(line)
      if (logFile !== undefined) appendFileSync(logFile, `${line}\n`)
    })
  }
  const ended = endOf(child)
  const bot: BotProcess = {
    pid: child.pid ?? 0,
    url: `http://${env.HOST}:${env.PORT}`,
    opsUrl: `http://${env.HOST}:${env.OPS_PORT}`,
    logs,
    ended,
    kill: (signal) => void child.kill(signal),
    stop: () => stop(child, ended),
  }
  try {
    await ready(bot, readyWithinMs)
  } catch (error) {
    await bot.stop()
    throw error
  }
  return bot
}

/** A bot must not outlive whoever started it, however that one ends. */
function endOf(child: ChildProcess): Promise<number | undefined> {
  const killNow = (): void => void child.kill('SIGKILL')
  process.once('exit', killNow)
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Error(`The bot could not be started: ${error.message}`, { cause: error })),
    )
    // `close` comes after the last line of output, `exit` may come before.
    child.once('close', (code) => {
      process.off('exit', killNow)
      resolve(code ?? undefined)
    })
  })
}

async function ready(bot: BotProcess, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs
  let ending: { readonly code: number | undefined } | undefined
  void bot.ended.then(
    (code) => {
      ending = { code }
    },
    () => {
      ending = { code: undefined }
    },
  )
  while (!(await answers(`${bot.opsUrl}/readyz`))) {
    if (ending !== undefined)
      throw new Error(`The bot ended with code ${ending.code} before it was ready.${lastLines(bot)}`)
    if (Date.now() > end) throw new Error(`The bot was not ready within ${withinMs / 1_000} s.${lastLines(bot)}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

function lastLines({ logs }: BotProcess): string {
  return logs.length === 0 ? ' It wrote nothing.' : ` Its last lines:\n${logs.slice(-8).join('\n')}`
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const impatient = setTimeout(() => child.kill('SIGKILL'), DRAIN_MS)
  child.kill('SIGTERM')
  // A process that could not be started has nothing to stop, and its starter was told.
  await ended.catch(() => undefined)
  clearTimeout(impatient)
}
