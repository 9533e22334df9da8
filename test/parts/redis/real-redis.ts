import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RealRedisOptions {
  /** More of redis.conf, such as `{ appendfsync: 'always' }`. */
  readonly config?: Readonly<Record<string, string>>
  /** Starts as a Sentinel, whose file it may rewrite. */
  readonly sentinel?: boolean
}

/** A redis-server of the test's own, with an append-only file and a port and folder that it keeps over its deaths. */
export interface RealRedis {
  readonly url: string
  readonly port: number
  readonly folder: string
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGSTOP or SIGCONT: connected, and silent. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** Starts it again on what its append-only file holds. */
  start(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

const READY_MS = 10_000

/** Throws when no redis-server is installed (and says what to install) and when it does not become ready. */
export async function startRealRedis({ config = {}, sentinel = false }: RealRedisOptions = {}): Promise<RealRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'incbot-redis-'))
  const port = await freePort()
  if (sentinel) await writeFile(join(folder, 'sentinel.conf'), '')
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    dir: folder,
    ...(sentinel ? {} : { appendonly: 'yes', appendfsync: 'everysec', save: '', 'maxmemory-policy': 'noeviction' }),
    ...config,
  }
  let child: ChildProcess | undefined
  const killWithUs = (): void => void child?.kill('SIGKILL')
  process.once('exit', killWithUs)

  const kill = async (): Promise<void> => {
    const dying = child
    child = undefined
    if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return
    const gone = new Promise((resolve) => dying.once('exit', resolve))
    dying.kill('SIGKILL')
    await gone
  }
  const start = async (): Promise<void> => {
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
    let log = ''
    const started = spawn('redis-server', sentinel ? [join(folder, 'sentinel.conf'), '--sentinel', ...args] : args, {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    let failure: Error | undefined
    started.once('error', (error) => {
      failure = error
    })
    started.stdout.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-2_000)
    })
    const deadline = Date.now() + READY_MS
    while (!(await answersPing(port))) {
      if (failure !== undefined)
        throw new Error(
          'This test needs a real Redis. Install it: Debian or Ubuntu `apt-get install redis-server`, macOS `brew install redis`.',
          { cause: failure },
        )
      if (started.exitCode !== null || Date.now() > deadline)
        throw new Error(`redis-server did not become ready. The end of its log:\n${log}`)
      await sleep(20)
    }
  }
  const stop = async (): Promise<void> => {
    await kill()
    process.removeListener('exit', killWithUs)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    folder,
    kill,
    signal: (signal) => void child?.kill(signal),
    start,
    stop,
  }
}

/** Whether something answers that it is ready; not while it loads its append-only file. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const say = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('data', (data) => say(/^\+PONG|^-NOAUTH/.test(data.toString())))
    socket.once('error', () => say(false))
    socket.setTimeout(500, () => say(false))
  })
}

async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address object.
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
