import { describe, expect, it } from '@jest/globals'
import { predictionOf } from '../../src/analysis/prediction.ts'
import type { Fact } from '../../src/domain/finding.ts'
import { aDiagnosis, aFinding, NOW } from '../builders.ts'

const HOUR = 3_600_000
const diagnosis = aDiagnosis({ leading: { id: 'leak', title: 'Memory leaks', confidence: 0.9, weights: [] } })

const timeToLimit = (value: number, interval?: Fact['interval']): Fact => ({
  id: 'timeToLimit',
  label: 'Time to the limit',
  value,
  unit: 'hours',
  ...(interval && { interval }),
})

const predict = (...findings: Parameters<typeof predictionOf>[0]) =>
  predictionOf(findings, ['memory-trend'], diagnosis, NOW)

describe('what findings say about the time ahead', () => {
  it('is when the limit is met, between when and when, and by what', () => {
    const facts: Fact[] = [
      timeToLimit(9, { low: 7, high: 12 }),
      { id: 'growthPerHour', label: 'Growth', value: 5.9e9, unit: 'bytesPerHour' },
      { id: 'replica', label: 'Replica', value: 'inference-prod-3', unit: 'text' },
    ]
    expect(predict(aFinding({ facts, severity: 'medium' }))).toEqual({
      is: 'limit',
      at: NOW + 9 * HOUR,
      earliestAt: NOW + 7 * HOUR,
      latestAt: NOW + 12 * HOUR,
      asOf: NOW,
      severity: 'medium',
      replica: 'inference-prod-3',
      growthBytesPerHour: 5.9e9,
      hypothesis: 'leak',
    })
  })

  it('is the earliest limit of several', () => {
    const both = [aFinding({ facts: [timeToLimit(9)] }), aFinding({ id: 'other', facts: [timeToLimit(3)] })]
    expect(predict(...both)).toMatchObject({ is: 'limit', at: NOW + 3 * HOUR, earliestAt: NOW + 1.5 * HOUR })
  })

  it('is nothing where memory does not keep growing, however full it is', () => {
    expect(predict(aFinding({ verdict: 'clear' }))).toEqual({ is: 'no-limit' })
    expect(predict(aFinding({ verdict: 'problem' }))).toEqual({ is: 'no-limit' })
  })

  it('is unknown where the check that could tell has no answer, whatever others say', () => {
    const silent = aFinding({ verdict: 'unknown', unknown: { cause: 'timeout', text: 'Prometheus took too long.' } })
    const other = aFinding({ id: 'deploy-count', verdict: 'clear' })
    expect(predict(silent, other)).toEqual({ is: 'unknown', why: 'Prometheus took too long.' })
    expect(predict(other)).toEqual({ is: 'unknown', why: 'The check memory-trend did not run.' })
    expect(predictionOf([other], [], diagnosis, NOW)).toMatchObject({ is: 'unknown' })
  })
})
