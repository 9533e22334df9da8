import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openSources } from '../../src/app/connections.ts'
import { checks } from '../../src/checks/index.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { DataSource } from '../../src/datasources/datasource.ts'
import { dataSourceKinds } from '../../src/datasources/index.ts'
import type { Finding } from '../../src/domain/finding.ts'
import { runChecks } from '../../src/pipeline/run-checks.ts'
import { serviceSources } from '../../src/pipeline/service-sources.ts'
import { remediationKinds } from '../../src/remediations/index.ts'
import type { ModelServingFacts, ModelServingWorld } from '../../src/sandbox/world/index.ts'
import { startModelServingWorld } from '../../src/sandbox/world/index.ts'
import { aLog } from '../fakes/log.ts'

const WINDOW_MS = 6 * 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'incbot-first-incident-'))
let world: ModelServingWorld
let sources: ReadonlyMap<string, DataSource>
let findings: readonly Finding[]
let truth: ModelServingFacts

beforeAll(async () => {
  world = await startModelServingWorld({ podStartMs: 30, podStopMs: 20, incidentNumber: 1 })
  const { env } = await world.writeBotFiles(folder)
  const loaded = loadConfig('incbot.yaml', readFileSync(env.INCBOT_CONFIG ?? '', 'utf8'), {
    dataSources: dataSourceKinds,
    remediations: remediationKinds,
  })
  if (!loaded.ok) throw new Error('The world writes a configuration that is accepted.')
  const { config } = loaded
  sources = openSources(config, { now: Date.now, secret: () => undefined, changeEvents: undefined })
  const service = config.services.find(({ name }) => name === world.service)
  if (service === undefined) throw new Error('The world writes its service into the catalogue.')
  const four = ['memory-trend', 'deploy-count', 'cache-residency', 'node-allocatable']
  const parameters = { window: WINDOW_MS, manyPerHour: 4 }
  truth = world.facts
  findings = await runChecks(
    {
      checks: new Map(checks.map((check) => [check.name, check])),
      sources: (of) => serviceSources(of, sources),
      now: Date.now,
      meter: { check() {} },
      log: aLog(),
    },
    service,
    four.map((check) => ({ id: check, check, parameters, timeoutMs: 10_000 })),
    AbortSignal.timeout(20_000),
    () => undefined,
  )
})
afterAll(async () => {
  for (const source of sources.values()) await source.close?.()
  await world.stop()
  rmSync(folder, { recursive: true })
})

const by = (check: string): Finding => {
  const finding = findings.find((one) => one.check === check)
  if (finding === undefined) throw new Error(`${check} has no finding`)
  return finding
}
const fact = (check: string, id: string) => by(check).facts.find((one) => one.id === id)?.value

describe('the first incident, asked over real HTTP', () => {
  it('is answered by all four checks', () => {
    expect(findings.map(({ check, verdict }) => `${check}: ${verdict}`)).toEqual([
      'memory-trend: problem',
      'deploy-count: problem',
      'cache-residency: problem',
      'node-allocatable: clear',
    ])
    expect(findings.flatMap(({ asked }) => asked.flatMap(({ warnings }) => warnings))).toEqual([])
  })

  it.each<[string, string, keyof ModelServingFacts]>([
    ['memory-trend', 'level', 'levelBytes'],
    ['memory-trend', 'limit', 'limitBytes'],
    ['memory-trend', 'growthPerHour', 'bytesPerHour'],
    ['memory-trend', 'perDeploy', 'bytesPerDeploy'],
    ['memory-trend', 'wholeWindowGrowthPerHour', 'wholeWindowBytesPerHour'],
    ['deploy-count', 'perDeploy', 'bytesPerDeploy'],
    ['deploy-count', 'sinceRestart', 'deploysSinceStart'],
    ['cache-residency', 'configured', 'cacheMaxSize'],
    ['cache-residency', 'resident', 'residentVersions'],
    ['cache-residency', 'evictions', 'evictions'],
    ['cache-residency', 'perModel', 'bytesPerDeploy'],
  ])('%s states %s within a tenth of %s', (check, id, key) => {
    expect(Math.abs(Number(fact(check, id)) / Number(truth[key]) - 1)).toBeLessThan(0.1)
  })

  it('is given no longer than it has', () => {
    // Less than a gigabyte of 32 is left: a tenth of the limit's distance is within the noise of measuring.
    expect(Math.abs(Number(fact('memory-trend', 'timeToLimit')) - truth.hoursToLimit)).toBeLessThan(0.05)
  })

  it('knows of the restart that nobody noticed', () => {
    const lateMs = Number(fact('memory-trend', 'lastRestart')) - truth.processStartedAt
    // Seen at the next of its points, which are a minute apart, in a series with a point each half minute.
    expect(lateMs).toBeGreaterThanOrEqual(0)
    expect(lateMs).toBeLessThan(2 * 60_000)
  })

  it('concerns the fullest pod, in all that is said', () => {
    expect(fact('memory-trend', 'replica')).toBe(truth.pod)
    expect(fact('cache-residency', 'replica')).toBe(truth.pod)
    expect(by('memory-trend').signals).toEqual({
      growth: 'deploy_step',
      level: 'above_95',
      reset: 'restart_frees_then_regrows',
    })
    expect(by('cache-residency').signals).toEqual({
      cache: 'resident_gt_max',
      evict: 'evictions_up_rss_not_down',
      residency: 'old_versions_resident',
    })
    expect(by('deploy-count').signals).toEqual({ deploys: 'many' })
    expect(by('node-allocatable').signals).toEqual({ binding: 'container_limit', node: 'roomy' })
  })

  it('costs each question once', () => {
    const put = world.prometheus.requests
      .filter(({ path }) => path.startsWith('/api/v1/query'))
      .map(({ query }) => query)
    expect(new Set(put).size).toBe(put.length)
    expect(put.length).toBeLessThanOrEqual(8)
  })
})
