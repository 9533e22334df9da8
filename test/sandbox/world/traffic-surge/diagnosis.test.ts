import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { openSources } from '../../../../src/app/connections.ts'
import { loadRunbookFolder, loadSettings } from '../../../../src/app/load.ts'
import { checks } from '../../../../src/checks/index.ts'
import type { Finding } from '../../../../src/domain/finding.ts'
import { createLogger } from '../../../../src/ops/logger.ts'
import { type RunbookResult, runRunbooks } from '../../../../src/pipeline/run-runbooks.ts'
import { serviceSources } from '../../../../src/pipeline/service-sources.ts'
import type { TrafficSurgeWorld } from '../../../../src/sandbox/world/index.ts'
import { until } from '../../../fakes/world.ts'
import { off, withSurge } from './a-surge.ts'

/** The shipped runbook against the world, with the real checks and data sources. */
async function diagnosed(world: TrafficSurgeWorld): Promise<RunbookResult> {
  const directory = mkdtempSync(join(tmpdir(), 'incbot-surge-'))
  try {
    const { env } = await world.writeBotFiles(directory)
    const { config, environment } = await loadSettings(env, 'diagnose')
    const { runbooks, problems } = await loadRunbookFolder(environment.runbooks, [world.service])
    const runbook = runbooks.find(({ name }) => name === 'traffic-surge')
    const [service] = config.services
    if (runbook === undefined || service === undefined) throw new Error(problems.join('\n'))
    const sources = openSources(config, { now: Date.now, secret: () => undefined, changeEvents: undefined })
    const ports = {
      now: Date.now,
      checks: new Map(checks.map((check) => [check.name, check])),
      sources: () => serviceSources(service, sources),
      meter: { check() {} },
      log: createLogger({ level: 'silent', secrets: [] }),
    }
    return await runRunbooks(ports, service, [runbook], {
      alert: async () => [],
      signal: AbortSignal.timeout(30_000),
    })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function figure(findings: readonly Finding[], name: string): number {
  const [check, id] = name.split('.')
  const value = findings.find((one) => one.id === check)?.facts.find((fact) => fact.id === id)?.value
  if (typeof value !== 'number') throw new Error(`${name} was not stated.`)
  return value
}

describe('the diagnosis of the second incident', () => {
  it('is the memory ceiling: every sentence of the runbook, with figures that are those of the simulation', async () => {
    await withSurge(async (world) => {
      const { runbook, findings, diagnosis } = await diagnosed(world)
      expect(findings.filter(({ verdict }) => verdict === 'unknown')).toEqual([])
      expect(diagnosis.leading).toMatchObject({ id: 'memory_ceiling_death_spiral', confidence: 0.97 })
      const confidence = (id: string) => diagnosis.ranked.find((one) => one.id === id)?.confidence
      expect(confidence('under_capacity')).toBeLessThanOrEqual(0.2)
      expect(confidence('memory_leak')).toBeLessThanOrEqual(0.05)

      const { facts } = world
      const truths: readonly (readonly [string, number])[] = [
        ['capacity.needed', facts.needed],
        ['capacity.up', facts.typicalUp],
        ['capacity.upShare', facts.typicalUp / facts.needed],
        ['capacity.perReplica', facts.perReplica],
        ['capacity.planned', facts.plannedPerReplica],
        ['capacity.overload', facts.perReplica / facts.plannedPerReplica],
        ['capacity.cpuAtKill', facts.cpuAtKill / 100],
        ['capacity.cpuTarget', facts.cpuTarget / 100],
        ['capacity.minimum', facts.minimum],
        ['capacity.escapeReplicas', Math.ceil(facts.needed / 0.8)],
        ['capacity.shedTo', facts.typicalUp * facts.plannedPerReplica],
        ['oom-kills.levelAtKill', facts.bytesAtKill],
        ['oom-kills.perHour', facts.killsLastHour],
        ['traffic.rps', facts.rps],
        ['traffic.errorShare', facts.errorShare],
        ['node-allocatable.capacity', facts.capacityBytes],
        ['node-allocatable.allocatable', facts.allocatableBytes],
        ['memory-before.value', facts.normalBytes],
        ['cpu-before.value', facts.cpuTarget / 100],
        ['alert-level.value', 0.8 * facts.allocatableBytes],
        ['cpu-at-ceiling.value', (0.8 * facts.cpuAtKill) / 100 / facts.cores],
      ]
      expect(truths.filter(([name, truth]) => off(figure(findings, name), truth) > 0.1)).toEqual([])
      expect(Math.abs(figure(findings, 'traffic.onset') - facts.surgeAt)).toBeLessThan(3 * 60_000)
      expect(figure(findings, 'capacity.upLow')).toBeGreaterThanOrEqual(5)
      expect(figure(findings, 'capacity.upHigh')).toBeLessThanOrEqual(7)

      const spec = runbook.hypotheses.find(({ id }) => id === diagnosis.leading?.id)
      expect(diagnosis.says).toHaveLength(spec?.says.length ?? 0)
      expect(diagnosis.now).toHaveLength(spec?.now.length ?? 0)
      expect(diagnosis.fix).toHaveLength(spec?.fix.length ?? 0)
      expect(diagnosis.now[1]).toMatch(/^Bring up 2[678] replicas out of rotation .* shed to [67],\d\d0\/s\./)
      expect(diagnosis.ruledOut).toHaveLength(4)
    })
  }, 30_000)

  it('is that the service carries its traffic, ten minutes after the fleet has come back', async () => {
    await withSurge(async (world) => {
      world.run(240)
      world.addOutOfRotation(27)
      await until('27 replicas out of rotation', () => world.ready === 27, 15_000)
      world.shift(0.5)
      await new Promise((resolve) => setTimeout(resolve, 300))
      world.shift(1)
      await until('the old replicas', () => world.facts.up === 21, 15_000)
      await new Promise((resolve) => setTimeout(resolve, 2_800))
      world.run(1)
      const { diagnosis, findings } = await diagnosed(world)
      expect(diagnosis.leading?.id).toBe('carries_traffic')
      expect(figure(findings, 'capacity.up')).toBe(21)
      expect(figure(findings, 'traffic.errorShare')).toBeLessThan(0.001)
    })
  }, 60_000)
})
