import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { diagnose } from '../../src/analysis/diagnose.ts'
import { rank } from '../../src/analysis/ranking.ts'
import type { HypothesisSpec } from '../../src/domain/runbook.ts'
import { aFinding, aRunbook, NO_ALERT } from '../builders.ts'

const hypothesis = (change: Partial<HypothesisSpec>): HypothesisSpec => ({
  id: 'h',
  title: 'h',
  prior: 0.1,
  evidence: {},
  says: [],
  now: [],
  fix: [],
  ...change,
})

describe('ranking', () => {
  it('adds up the logs of the ratios: prior odds 1:9 times 20 is 20:9', () => {
    const [first] = rank([hypothesis({ evidence: { growth: { up: 20 } } })], [aFinding({ signals: { growth: 'up' } })])
    expect(first?.confidence).toBeCloseTo(20 / 29, 10)
  })

  it('counts an unknown finding for nothing', () => {
    const unknown = aFinding({ verdict: 'unknown', signals: { growth: 'up' } })
    expect(rank([hypothesis({ evidence: { growth: { up: 20 } } })], [unknown])[0]?.confidence).toBeCloseTo(0.1, 10)
  })

  it('lets one evidence group count once, however many findings emit it', () => {
    const findings = [
      aFinding({ id: 'a', signals: { growth: 'up' } }),
      aFinding({ id: 'b', signals: { growth: 'up' } }),
    ]
    expect(rank([hypothesis({ evidence: { growth: { up: 20 } } })], findings)[0]?.weights).toHaveLength(1)
  })

  it('is never certain, whatever the evidence', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (ratio, prior) => {
          const [one] = rank(
            [hypothesis({ prior, evidence: { growth: { up: ratio } } })],
            [aFinding({ signals: { growth: 'up' } })],
          )
          expect(one?.confidence).toBeGreaterThanOrEqual(0.03)
          expect(one?.confidence).toBeLessThanOrEqual(0.97)
        },
      ),
    )
  })

  it('goes by the evidence also where both are as sure as can be, whatever their priors', () => {
    const findings = [aFinding({ signals: { growth: 'up' } })]
    const strong = hypothesis({ id: 'strong', prior: 0.05, evidence: { growth: { up: 1e6 } } })
    const weaker = hypothesis({ id: 'weaker', prior: 0.3, evidence: { growth: { up: 1e3 } } })
    const ranked = rank([weaker, strong], findings)
    expect(ranked.map(({ id, confidence }) => [id, confidence])).toEqual([
      ['strong', 0.97],
      ['weaker', 0.97],
    ])
  })

  it('weighs only values that the runbook names', () => {
    const findings = [aFinding({ signals: { growth: 'constructor', cache: 'toString' } })]
    const [one] = rank([hypothesis({ evidence: { growth: { up: 20 }, cache: {} } })], findings)
    expect(one).toMatchObject({ weights: [] })
    expect(one?.confidence).toBeCloseTo(0.1, 10)
  })

  it('puts the likelier prior first where nothing else decides, then the id', () => {
    const ranked = rank([hypothesis({ id: 'b' }), hypothesis({ id: 'a' }), hypothesis({ id: 'c', prior: 0.2 })], [])
    expect(ranked.map((one) => one.id)).toEqual(['c', 'a', 'b'])
  })
})

describe('a diagnosis', () => {
  const growth = { id: 'growth', label: 'Growth', value: 2.3e9, unit: 'bytesPerHour' } as const

  it("speaks in the runbook's words with this incident's numbers", () => {
    const diagnosis = diagnose(
      aRunbook(),
      [aFinding({ facts: [growth], signals: { growth: 'up' } })],
      'decimal',
      NO_ALERT,
    )
    expect(diagnosis).toMatchObject({
      conclusion: 'Memory leaks',
      says: ['It grows by 2.3 GB/h.'],
      now: ['Restart'],
      answered: 1,
      asked: 1,
    })
  })

  it('leaves out a sentence whose figure nobody knows', () => {
    expect(diagnose(aRunbook(), [aFinding({ signals: { growth: 'up' } })], 'decimal', NO_ALERT).says).toEqual([])
  })

  it('leaves out a clause in brackets by itself when its figure is not known', () => {
    const [leak = hypothesis({})] = aRunbook().hypotheses
    const says = ['It grows[ by {memory-trend.growth}][ since {memory-trend.since}] [sic].']
    const runbook = aRunbook({ hypotheses: [{ ...leak, says }] })
    const findings = [aFinding({ facts: [growth], signals: { growth: 'up' } })]
    expect(diagnose(runbook, findings, 'decimal', NO_ALERT).says).toEqual(['It grows by 2.3 GB/h [sic].'])
  })

  it('names what was ruled out by evidence, not what nobody asked about', () => {
    expect(
      diagnose(aRunbook(), [aFinding({ verdict: 'clear', signals: { growth: 'flat' } })], 'decimal', NO_ALERT).ruledOut,
    ).toEqual(['a leak'])
    expect(
      diagnose(
        aRunbook({ hypotheses: [hypothesis({ prior: 0.04, ruledOut: 'x' })] }),
        [aFinding()],
        'decimal',
        NO_ALERT,
      ).ruledOut,
    ).toEqual([])
  })

  it('says so when nothing could be found out', () => {
    const diagnosis = diagnose(
      aRunbook(),
      [aFinding({ verdict: 'unknown', headline: 'No answer within 10 s.' })],
      'decimal',
      NO_ALERT,
    )
    expect(diagnosis).toMatchObject({
      conclusion: 'Nothing could be found out: no check got an answer',
      unknown: ['Memory trend: No answer within 10 s.'],
      answered: 0,
    })
    expect(diagnosis.leading).toBeUndefined()
  })
})
