import { describe, expect, it } from '@jest/globals'
import { contradictions } from '../../src/analysis/contradictions.ts'
import { statedGrowth } from '../../src/analysis/stated-growth.ts'
import type { Fact } from '../../src/domain/finding.ts'
import { aFinding, NOW } from '../builders.ts'

const HOUR = 3_600_000
/** As the first incident's alert says it. */
const ALERT = ['Memory Usage > 95%', 'Increasing 2.3 GB/hour for past 6 hours']

const facts = (unit: Fact['unit'], values: Readonly<Record<string, number>>): Fact[] =>
  Object.entries(values).map(([id, value]) => ({ id, label: id, value, unit }))

function findings({ restart, perDeploy = 500e6 }: { restart?: boolean; perDeploy?: number } = {}) {
  return [
    aFinding({
      facts: facts('bytes', {
        perDeploy,
        wholeWindowGrowthPerHour: 2.25e9,
        ...(restart === true && { lastRestart: NOW - 3.74 * HOUR }),
      }),
    }),
    aFinding({
      id: 'd',
      check: 'deploy-count',
      facts: facts('count', { deploys: 47, span: 3.7, ...(restart === true && { sinceRestart: 47 }) }),
    }),
  ]
}

describe('numbers that do not fit', () => {
  it('are said with the place to look, where no restart is known', () => {
    expect(contradictions(findings(), 'decimal', { at: NOW, alert: ALERT })).toEqual([
      'The alert says 2.3 GB/h, but 47 deploys × 500 MB in 3.7 h make 6.35 GB/h: look for a restart near 00:00 UTC.',
    ])
  })

  it('are said with the restart that reconciles them, where one is known', () => {
    expect(contradictions(findings({ restart: true }), 'decimal', { at: NOW, alert: ALERT })).toEqual([
      'The alert says 2.3 GB/h, but 47 deploys × 500 MB in 3.74 h make 6.28 GB/h: the restart at 23:57 UTC reconciles them, since a rate across it hides what was freed.',
    ])
  })

  it('say how long is left by the one and by the other', () => {
    const [memory, deploys] = findings()
    const full = aFinding({ facts: [...(memory?.facts ?? []), ...facts('bytes', { headroom: 0.8e9 })] })
    const [said] = contradictions([full, deploys ?? full], 'decimal', { at: NOW, alert: ALERT })
    expect(said).toMatch(/: look for a restart near 00:00 UTC\. That leaves 8 min, not 21 min\.$/)
  })

  it('are found against memory end to end where the alert states no rate', () => {
    expect(contradictions(findings(), 'decimal', { at: NOW, alert: [] })[0]).toMatch(
      /^End to end memory grew 2.25 GB\/h, but/,
    )
  })

  it('are none where the sums agree, and none where too little is known', () => {
    expect(contradictions(findings({ perDeploy: 180e6 }), 'decimal', { at: NOW, alert: ALERT })).toEqual([])
    expect(contradictions([aFinding()], 'decimal', { at: NOW, alert: ALERT })).toEqual([])
    const unknown = findings().map((one) => ({ ...one, verdict: 'unknown' as const }))
    expect(contradictions(unknown, 'decimal', { at: NOW, alert: ALERT })).toEqual([])
  })
})

describe('a growth stated in words', () => {
  it.each<[string, number | undefined]>([
    ['Increasing 2.3 GB/hour for past 6 hours', 2.3e9],
    ['+500 MiB/h', 500 * 2 ** 20],
    ['grows by 2 gb per hour', 2e9],
    ['31.2 GB / 32 GB (97.5%)', undefined],
    ['2.3 GB/house', undefined],
    ['', undefined],
  ])('of %j is %p', (text, expected) => {
    expect(statedGrowth([text])).toBe(expected)
  })
})
