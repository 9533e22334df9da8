import { describe, expect, it } from '@jest/globals'
import { deployCount } from '../../src/checks/deploy-count.ts'
import { SourceError } from '../../src/datasources/datasource.ts'
import type { FindingBody } from '../../src/domain/finding.ts'
import { NOW } from '../builders.ts'
import type { ContextParts } from './a-context.ts'
import { aContext, aWatchedService, deploysOver, GB, HOUR_MS, unrest } from './a-context.ts'

const run = (parts: ContextParts, parameters: object = {}) =>
  deployCount.run(aContext(parts), deployCount.parameters.parse(parameters))
const fact = (finding: FindingBody, id: string) => finding.facts.find((one) => one.id === id)?.value

const minutesAgo = (...minutes: number[]) => minutes.map((one) => NOW - one * 60_000)

describe('deploy-count', () => {
  it.each<[string, readonly number[], string, string, number]>([
    ['none', [], 'No deploys in the last 6 h', 'none', 0],
    ['one', minutesAgo(30), 'One deploy in the last 6 h, at 03:12 UTC', 'few', 1],
    ['two in a minute', minutesAgo(2, 1), '2 deploys in 2 min (2/h), the last at 03:41 UTC', 'few', 2],
    [
      'six in half an hour',
      minutesAgo(30, 25, 20, 15, 10, 5),
      '6 deploys in 30 min (6/h), the last at 03:37 UTC',
      'many',
      6,
    ],
    [
      'a deploy an hour',
      minutesAgo(330, 270, 210, 150, 90, 30),
      '6 deploys in 6 h (1/h), the last at 03:12 UTC',
      'few',
      1,
    ],
    ['the incident', deploysOver(47, 3.7), '47 deploys in 3.7 h (12.7/h), the last at 03:39 UTC', 'many', 12.7],
    ['deploys all along', deploysOver(72, 5.98, 0.02), '72 deploys in 6 h (12/h), the last at 03:40 UTC', 'many', 12],
  ])('counts %s', async (_, deploys, headline, signal, perHour) => {
    const finding = await run({ deploys })
    expect(finding).toMatchObject({ verdict: 'clear', headline, signals: { deploys: signal }, details: [] })
    expect(fact(finding, 'deploys')).toBe(deploys.length)
    expect(fact(finding, 'perHour')).toBeCloseTo(perHour, 1)
    expect(fact(finding, 'first')).toBe(deploys[0])
    expect(fact(finding, 'last')).toBe(deploys.at(-1))
  })

  it('takes the runbook at its word about how many are many', async () => {
    const deploys = minutesAgo(330, 270, 210, 150, 90, 30)
    expect((await run({ deploys }, { manyPerHour: 0.5 })).signals.deploys).toBe('many')
  })

  it('says what each leaves behind when memory follows the deploys', async () => {
    const deploys = deploysOver(47, 5.7)
    const bytes = (at: number) => 8 * GB + 0.498 * GB * deploys.filter((one) => one <= at).length + unrest(at)
    const finding = await run({ deploys, replicas: [{ name: 'p-3', bytes }] })
    expect(finding).toMatchObject({ verdict: 'problem', severity: 'high' })
    expect(finding.headline).toMatch(/; each leaves about (49\d|50\d) MB behind$/)
    expect(finding.details[0]).toMatch(/^No restart in that time: 47 deploys, about 2[34](\.\d)? GB retained\.$/)
    expect(Number(fact(finding, 'retained')) / GB).toBeCloseTo(23.4, 0)
  })

  it('counts only those of the present run once there was a restart', async () => {
    const deploys = deploysOver(47, 5.7)
    const restart = NOW - 3 * HOUR_MS
    const since = (at: number) => deploys.filter((one) => one <= at && (at < restart || one > restart)).length
    const bytes = (at: number) => 8 * GB + 0.498 * GB * since(at) + unrest(at)
    const startedAt = (at: number) => (at < restart ? NOW - 9 * HOUR_MS : restart)
    const finding = await run({ deploys, replicas: [{ name: 'p-3', bytes, startedAt }] })
    const ofThisRun = deploys.filter((at) => at > restart).length
    expect(fact(finding, 'deploys')).toBe(47)
    expect(Math.abs(Number(fact(finding, 'sinceRestart')) - ofThisRun)).toBeLessThanOrEqual(1)
    expect(finding.details[0]).toMatch(/^\d+ of them since the last restart: about \d+(\.\d+)? GB retained\.$/)
  })

  it('blames no deploy for memory that grows with the clock', async () => {
    const bytes = (at: number) => 20 * GB + (2 * GB * (at - NOW)) / HOUR_MS + unrest(at)
    const finding = await run({ deploys: minutesAgo(200, 60), replicas: [{ name: 'p-3', bytes }] })
    expect(finding.verdict).toBe('clear')
    expect(fact(finding, 'perDeploy')).toBeUndefined()
  })

  it('counts deploys even when memory cannot be read', async () => {
    expect((await run({ deploys: minutesAgo(30) })).verdict).toBe('clear')
  })

  it.each<[string, ContextParts, string]>([
    ['a service without a deploy record', { service: withoutDeploys() }, 'not-configured'],
    ['a record that does not answer', { deploys: new SourceError('timeout', 'metrics', 'Late.') }, 'timeout'],
  ])('cannot tell for %s', async (_, parts, kind) => {
    await expect(run(parts)).rejects.toMatchObject({ kind })
  })
})

function withoutDeploys() {
  const { deploys: _, ...service } = aWatchedService()
  return service
}
