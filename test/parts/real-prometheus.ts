import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

export interface RealPrometheus {
  readonly url: string
  stop(): Promise<void>
}

export interface RealPrometheusOptions {
  /** `host:port` of processes whose `/metrics` it scrapes. */
  readonly scrapeTargets?: readonly string[]
  readonly scrapeIntervalMs?: number
  /** Samples to start with, in OpenMetrics text with timestamps, closed by `# EOF`. */
  readonly blocksFrom?: string
}

const readyWithinMs = 30_000

/**
 * Starts the machine's own Prometheus on a free loopback port with an empty data folder.
 * Throws when none is installed (and says what to install) and when it does not become ready.
 */
export async function startRealPrometheus(options: RealPrometheusOptions = {}): Promise<RealPrometheus> {
  const program = programPath('prometheus')
  const folder = await mkdtemp(join(tmpdir(), 'incbot-prometheus-'))
  const dataFolder = join(folder, 'data')
  await mkdir(dataFolder)
  await writeFile(join(folder, 'prometheus.yml'), configuration(options))
  if (options.blocksFrom !== undefined) await importBlocks(options.blocksFrom, folder, dataFolder)

  const port = await freePort()
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${dataFolder}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000)
  })
  const killWithUs = (): void => void child.kill('SIGKILL')
  process.once('exit', killWithUs)
  const url = `http://127.0.0.1:${port}`
  const stop = async (): Promise<void> => {
    await ended(child)
    process.removeListener('exit', killWithUs)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await ready(url, child)
  } catch (cause) {
    await stop()
    throw new Error(`Prometheus did not become ready. The end of its log:\n${log}`, { cause })
  }
  return { url, stop }
}

function programPath(name: 'prometheus' | 'promtool'): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new Error(
    `This test compares with a real Prometheus, but there is no ${name} on this machine. ` +
      'Install it: Debian or Ubuntu `apt-get install prometheus`, macOS `brew install prometheus`.',
  )
}

function configuration({ scrapeTargets = [], scrapeIntervalMs = 1000 }: RealPrometheusOptions): string {
  // JSON is YAML. The evaluation interval is also the default step of subqueries.
  return JSON.stringify({
    global: {
      scrape_interval: `${scrapeIntervalMs}ms`,
      scrape_timeout: `${scrapeIntervalMs}ms`,
      evaluation_interval: '1m',
    },
    scrape_configs:
      scrapeTargets.length === 0 ? [] : [{ job_name: 'test', static_configs: [{ targets: scrapeTargets }] }],
  })
}

async function importBlocks(openMetrics: string, folder: string, dataFolder: string): Promise<void> {
  const file = join(folder, 'samples.txt')
  await writeFile(file, openMetrics)
  await promisify(execFile)(programPath('promtool'), ['tsdb', 'create-blocks-from', 'openmetrics', file, dataFolder])
}

async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server that listens has an address object; only pipes answer with a string.
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + readyWithinMs
  while (Date.now() < deadline && child.exitCode === null) {
    const response = await fetch(`${url}/-/ready`).catch(() => undefined)
    await response?.text()
    if (response?.ok) return
    await sleep(50)
  }
  throw new Error(child.exitCode === null ? `not ready within ${readyWithinMs} ms` : `it exited with ${child.exitCode}`)
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const hardKill = setTimeout(() => child.kill('SIGKILL'), 5000)
  await exited
  clearTimeout(hardKill)
}
