import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { checks } from '../../src/checks/index.ts'
import { prometheus } from '../../src/datasources/prometheus/index.ts'
import type { Finding } from '../../src/domain/finding.ts'
import { runChecks } from '../../src/pipeline/run-checks.ts'
import { serviceSources } from '../../src/pipeline/service-sources.ts'
import { aService } from '../builders.ts'
import { aLog } from '../fakes/log.ts'
import type { RealPrometheus } from './real-prometheus.ts'
import { startRealPrometheus } from './real-prometheus.ts'

jest.setTimeout(60_000)

const BYTES_PER_DEPLOY = 8_000_000
const WATCH_MS = 26_000
const LIMIT = 600e6
const PROCESS = fileURLToPath(new URL('./leaking-process.ts', import.meta.url))

interface Truth {
  readonly deploys: number
  readonly retainedBytes: number
}

/** A real process that leaks, as a child of ours. */
async function startLeak(): Promise<{ port: number; truth: () => Truth; begin(): void; stop(): Promise<void> }> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', './test/typescript-loader.mjs', PROCESS, String(BYTES_PER_DEPLOY), '900'],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  )
  let truth: Truth = { deploys: 0, retainedBytes: 0 }
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The leaking process ended with ${code}`)))
    child.on('message', (message: Truth | { port: number }) => {
      if ('port' in message) resolve(message.port)
      else truth = message
    })
  })
  return {
    port,
    truth: () => truth,
    begin: () => void child.send('begin'),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill()
      }),
  }
}

describe('a real Prometheus that scrapes a real leaking process', () => {
  let leak: Awaited<ReturnType<typeof startLeak>>
  let server: RealPrometheus
  let findings: readonly Finding[]
  let before: Truth
  let after: Truth

  beforeAll(async () => {
    leak = await startLeak()
    server = await startRealPrometheus({ scrapeTargets: [`127.0.0.1:${leak.port}`], scrapeIntervalMs: 500 })
    await scraped(server.url, 4)
    leak.begin()
    await sleep(WATCH_MS)
    before = leak.truth()
    findings = await investigate(server.url)
    after = leak.truth()
  })
  afterAll(async () => {
    await Promise.all([leak?.stop(), server?.stop()])
  })

  const facts = (check: string) =>
    Object.fromEntries(findings.find((one) => one.check === check)?.facts.map(({ id, value }) => [id, value]) ?? [])

  it('is found to grow with its deploys, by what each of them really retains', () => {
    const [trend] = findings
    expect(trend).toMatchObject({ verdict: 'problem', signals: { growth: 'deploy_step' } })
    const { perDeploy, growthPerHour, level } = facts('memory-trend')
    expect(Math.abs(Number(perDeploy) / BYTES_PER_DEPLOY - 1)).toBeLessThan(0.15)
    expect(Number(level)).toBeGreaterThan(before.retainedBytes)
    const perHour = before.retainedBytes / (WATCH_MS / 3_600_000)
    expect(Math.abs(Number(growthPerHour) / perHour - 1)).toBeLessThan(0.25)
  })

  it('has its deploys counted', () => {
    const { deploys, perDeploy } = facts('deploy-count')
    // The latest may not have been scraped yet.
    expect(Number(deploys)).toBeGreaterThanOrEqual(before.deploys - 2)
    expect(Number(deploys)).toBeLessThanOrEqual(after.deploys)
    expect(Math.abs(Number(perDeploy) / BYTES_PER_DEPLOY - 1)).toBeLessThan(0.15)
  })

  it('gets an answer to every question', () => {
    const asked = findings.flatMap((one) => one.asked)
    expect(asked.length).toBeGreaterThan(4)
    expect(asked.flatMap((one) => one.warnings)).toEqual([])
  })
})

async function scraped(url: string, times: number): Promise<void> {
  for (;;) {
    const query = encodeURIComponent('count_over_time(model_deploys_total[1m])')
    const response = await fetch(`${url}/api/v1/query?query=${query}`)
    // The shape of an instant query's answer; a wrong one never gets further.
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } }
    if (Number(data.result[0]?.value[1] ?? 0) >= times) return
    await sleep(200)
  }
}

function investigate(url: string): Promise<readonly Finding[]> {
  const service = aService({
    memoryLimit: { from: 'fixed', bytes: LIMIT },
    metrics: {
      source: 'metrics',
      selector: 'job="test"',
      replicaLabel: 'instance',
      memory: 'process_resident_memory_bytes{$selector}',
      processStart: 'process_start_time_seconds{$selector}',
    },
    deploys: { source: 'metrics', counter: 'sum(model_deploys_total)' },
  })
  const source = prometheus.open('metrics', prometheus.config.parse({ url }), {
    now: Date.now,
    secret: () => undefined,
    changeEvents: undefined,
  })
  const all = new Map(checks.map((check) => [check.name, check]))
  const spec = (check: string) => ({ id: check, check, parameters: { window: 30_000 }, timeoutMs: 10_000 })
  return runChecks(
    {
      checks: all,
      sources: () => serviceSources(service, new Map([['metrics', source]])),
      now: Date.now,
      meter: { check() {} },
      log: aLog(),
    },
    service,
    [spec('memory-trend'), { ...spec('deploy-count'), parameters: { window: 30_000, manyPerHour: 4 } }],
    AbortSignal.timeout(20_000),
    () => undefined,
  )
}
