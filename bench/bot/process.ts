import { type ChildProcess, fork, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A process of the bench: ends with it, however that ends. */
export interface Running {
  readonly pid: number
  stop(): Promise<void>
}

/** One of the bench's own programs, with a channel to it. `path` is relative to the bench's folder, without its ending. */
export interface Helper extends Running {
  send(message: object): void
  /** The next message that it sends. Rejects when it ends instead. */
  next<T>(): Promise<T>
}

const KILL_AFTER_MS = 20_000
/** dist/bench/bench, where the compiled bench lies. */
const COMPILED = join(dirname(fileURLToPath(import.meta.url)), '..')
export const ROOT = join(COMPILED, '..', '..', '..')

export function startHelper(path: string, args: readonly string[] = []): Helper {
  const child = fork(join(COMPILED, `${path}.js`), [...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return {
    ...running(child),
    send: (message) => void child.send(message),
    next: <T>() =>
      new Promise<T>((resolve, reject) => {
        const ended = (code: number | null) => reject(new Error(`${path} ended with ${code}`))
        child.once('exit', ended)
        child.once('message', (message) => {
          child.off('exit', ended)
          // Both ends are ours and built together.
          resolve(message as T)
        })
      }),
  }
}

/** incbot as in production: the built program, its log in a file. */
export interface ServedBot extends Running {
  readonly port: number
  readonly opsUrl: string
  readonly logFile: string
  /** From the start of the process to the first answer on its port, in ms. */
  readonly startedMs: number
}

/** Starts `serve` with this environment and waits until `GET /healthz` is answered. Rejects with its last lines when it is not within 60 s. */
export async function startBot(env: Readonly<Record<string, string>>, logFile: string): Promise<ServedBot> {
  const [port, opsPort] = await freePorts()
  const log = openSync(logFile, 'a')
  const began = performance.now()
  const child = spawn(process.execPath, [join(ROOT, 'dist/main.js'), 'serve'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: String(port), OPS_PORT: String(opsPort), ...env },
    stdio: ['ignore', log, log],
  })
  const bot = running(child)
  const opsUrl = `http://127.0.0.1:${opsPort}`
  try {
    await answers(`${opsUrl}/healthz`, child, logFile)
  } catch (error) {
    await bot.stop()
    throw error
  }
  return { ...bot, port, opsUrl, logFile, startedMs: performance.now() - began }
}

async function answers(url: string, child: ChildProcess, logFile: string): Promise<void> {
  const end = Date.now() + 60_000
  while (Date.now() < end && child.exitCode === null) {
    const ok = await fetch(url).then(
      async (response) => {
        await response.arrayBuffer()
        return response.ok
      },
      () => false,
    )
    if (ok) return
    await sleep(5)
  }
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-5)
  throw new Error(`incbot did not start:\n${lines.join('\n')}`)
}

function running(child: ChildProcess): Running {
  const killNow = () => void child.kill('SIGKILL')
  process.once('exit', killNow)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', killNow)
      resolve()
    })
  })
  return {
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM')
      const impatient = setTimeout(killNow, KILL_AFTER_MS)
      await ended
      clearTimeout(impatient)
    },
  }
}

async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()]
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(typeof address === 'object' && address !== null ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return [ports[0] ?? 0, ports[1] ?? 0]
}

/** Resident memory of a process in bytes, as the kernel counts it now. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) * 1_024
}
