import { describe, expect, it } from '@jest/globals'
import { chartSvg } from '../../../src/slack/chart/index.ts'
import { localTime, period, timeTicks, zoneName } from '../../../src/slack/chart/times.ts'
import { formatValue, valueAxis } from '../../../src/slack/chart/values.ts'
import { aChart, aLine, residentModels, theFirstIncident } from './charts.ts'

const HOUR_MS = 3_600_000
const evening = Date.UTC(2025, 10, 21, 22)

describe('timeTicks', () => {
  it.each([
    [4 * HOUR_MS, ['22:00', '23:00', '00:00', '01:00', '02:00']],
    [HOUR_MS / 60, ['22:00:00', '22:00:15', '22:00:30', '22:00:45', '22:01:00']],
    [4 * 24 * HOUR_MS, ['22 Nov', '23 Nov', '24 Nov', '25 Nov']],
    [3 * 365 * 24 * HOUR_MS, ['2026', '2027', '2028']],
  ])('writes an axis of %d ms in UTC', (length, labels) => {
    expect(timeTicks(evening, evening + length, 4).map(({ label }) => label)).toEqual(labels)
  })

  it('marks midnight', () => {
    const ticks = timeTicks(evening, evening + 4 * HOUR_MS, 4)
    expect(ticks.filter(({ midnight }) => midnight).map(({ label }) => label)).toEqual(['00:00'])
  })
})

describe('period', () => {
  it.each([
    [Date.UTC(2025, 10, 21, 1), Date.UTC(2025, 10, 21, 5), '21 Nov 2025, UTC'],
    [Date.UTC(2025, 10, 21), Date.UTC(2025, 10, 22), '21–22 Nov 2025, UTC'],
    [Date.UTC(2025, 10, 30), Date.UTC(2025, 11, 2), '30 Nov – 2 Dec 2025, UTC'],
    [Date.UTC(2025, 11, 31), Date.UTC(2026, 0, 1), '31 Dec 2025 – 1 Jan 2026, UTC'],
  ])('from %d to %d is %s', (from, to, written) => {
    expect(period(from, to)).toBe(written)
  })
})

describe('local times', () => {
  it.each([
    ['Europe/Berlin', '23:00', 'Berlin'],
    ['America/New_York', '17:00', 'New York'],
    ['Asia/Kolkata', '03:30', 'Kolkata'],
    ['UTC', '22:00', 'UTC'],
  ])('in %s are %s', (zone, written, name) => {
    expect(localTime(evening, zone)).toBe(written)
    expect(zoneName(zone)).toBe(name)
  })

  it('stand below those in UTC only where the chart names a zone', () => {
    const chart = theFirstIncident()
    expect(chartSvg({ ...chart, timeZone: 'America/New_York' })).toContain('UTC; below it New York')
    expect(chartSvg(chart)).not.toContain('below it')
  })
})

describe('valueAxis', () => {
  it('begins at zero and leaves room over the limit for its name', () => {
    const axis = valueAxis(theFirstIncident())
    expect(axis.low).toBe(0)
    expect(axis.high).toBeGreaterThan(32e9 * 1.1)
    expect(axis.ticks.map(({ label }) => label)).toEqual(['0', '10 GB', '20 GB', '30 GB'])
  })

  it('writes all ticks in the unit of the largest', () => {
    expect(valueAxis(aChart()).ticks.map(({ label }) => label)).toEqual([
      '0',
      '0.5 GiB',
      '1.0 GiB',
      '1.5 GiB',
      '2.0 GiB',
    ])
  })

  it('has whole ticks for counts', () => {
    const few = aChart({ unit: 'count', thresholds: [], lines: [aLine({ points: [[0, 2]] })] })
    expect(valueAxis(few).ticks.map(({ label }) => label)).toEqual(['0', '1', '2'])
    expect(valueAxis(residentModels()).ticks.map(({ label }) => label)).toEqual(['0', '10', '20', '30', '40'])
  })

  it('reaches over a value above the limit and below zero', () => {
    const axis = valueAxis(
      aChart({
        lines: [
          aLine({
            points: [
              [0, 9e9],
              [1, -1e9],
            ],
          }),
        ],
      }),
    )
    expect(axis.high).toBeGreaterThan(9e9)
    expect(axis.low).toBe(-1e9)
  })

  it('does not flatten what was measured for a forecast that shoots up', () => {
    const axis = valueAxis(aChart({ forecast: { value: 1.7e9, atEnd: 9e12, low: 1e12, high: 9e13 } }))
    expect(axis.high).toBeLessThan(4e9)
  })

  it('has a height when all values are zero', () => {
    const axis = valueAxis(aChart({ thresholds: [], lines: [aLine({ points: [[0, 0]] })] }))
    expect(axis.high).toBeGreaterThan(axis.low)
  })
})

describe('formatValue', () => {
  it.each([
    [47, '47'],
    [12_400, '12,400'],
    [-3, '-3'],
    [0.25, '0.25'],
  ])('writes the count %d as %s', (value, written) => {
    expect(formatValue(residentModels(), value)).toBe(written)
  })

  it('writes bytes in the units of the chart', () => {
    expect(formatValue(theFirstIncident(), 31.2e9)).toBe('31.2 GB')
    expect(formatValue(aChart(), 2 ** 31)).toBe('2 GiB')
  })
})
