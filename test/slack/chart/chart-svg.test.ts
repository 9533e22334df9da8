import { describe, expect, it } from '@jest/globals'
import { Resvg } from '@resvg/resvg-js'
import fc from 'fast-check'
import type { Chart } from '../../../src/domain/chart.ts'
import { chartSvg } from '../../../src/slack/chart/index.ts'
import { aChart, aLine, everyMinute, fiveReplicas, residentModels, theFirstIncident } from './charts.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('<&>"\']]>', '\u0000\u202e', '👩‍👩‍👧', 'x'.repeat(10_000)),
)
const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1e300, 2 ** 31))
const moment = fc.oneof(fc.integer({ min: 0, max: 1e9 }), number)
const anyChart: fc.Arbitrary<Chart> = fc.record(
  {
    title: text,
    subtitle: text,
    altText: text,
    unit: fc.constantFrom('bytes', 'count'),
    byteUnits: fc.constantFrom('decimal', 'binary'),
    from: moment,
    to: moment,
    now: moment,
    lines: fc.array(
      fc.record({
        name: text,
        role: fc.constantFrom('subject', 'other'),
        points: fc.array(fc.tuple(moment, fc.option(number, { nil: undefined }))),
      }),
      { maxLength: 6 },
    ),
    thresholds: fc.array(fc.record({ label: text, value: number }), { maxLength: 3 }),
    markers: fc.array(fc.record({ kind: fc.constantFrom('deploy', 'restart'), at: moment, label: text })),
    linesAre: text,
    forecast: fc.record({ value: number, atEnd: number, low: number, high: number }),
  },
  {
    requiredKeys: [
      'title',
      'subtitle',
      'altText',
      'unit',
      'byteUnits',
      'from',
      'to',
      'now',
      'lines',
      'thresholds',
      'markers',
    ],
  },
)

describe('chartSvg', () => {
  it('gives the same text for the same chart', () => {
    expect(chartSvg(theFirstIncident())).toBe(chartSvg(theFirstIncident()))
  })

  it('says what the first incident is about', () => {
    const said = textsOf(chartSvg(theFirstIncident()))
    for (const words of [
      'inference memory (prod)',
      'limit 32 GB',
      '47 deploys',
      'restart 23:58',
      'now',
      'inference-0',
    ]) {
      expect(said).toContain(words)
    }
    expect(said).toContain('31.2 GB now')
    expect(said.filter((words) => words.includes('model v'))).toEqual([])
  })

  it('names the subject without what all pods have in common and sums up the others', () => {
    const said = textsOf(chartSvg(fiveReplicas()))
    expect(said).toEqual(expect.arrayContaining(['x2kqp', '4 other pods', 'deploy v1.8.2', 'deploy v1.8.3']))
  })

  it('has neither a future nor a word about now when the axis ends now', () => {
    expect(textsOf(chartSvg(residentModels()))).not.toContain('now')
  })

  it('draws a gap as a gap and a value between gaps as a dot', () => {
    const points = everyMinute(aChart().from, 9, (minute) => minute * 1e8).map(
      ([at, value], index) => [at, index === 3 || index === 5 ? undefined : value] as const,
    )
    const svg = chartSvg(aChart({ lines: [aLine({ points, role: 'other' })] }))
    expect(svg.match(/ d="(M[^"]*)"/)?.[1]?.match(/M/g)).toHaveLength(3)
    expect(svg.match(/<circle/g)).toHaveLength(1)
  })

  it('says so when there is nothing to draw', () => {
    expect(textsOf(chartSvg(aChart({ lines: [] })))).toContain('no data in this period')
    expect(textsOf(chartSvg(aChart({ lines: [aLine({ points: [[aChart().from, Number.NaN]] })] })))).toContain(
      'no data in this period',
    )
  })

  it('does not present the last number of a line that ended long ago as the number of now', () => {
    const ended = aLine({ points: everyMinute(aChart().from, 60, () => 2 ** 30) })
    expect(textsOf(chartSvg(aChart({ lines: [ended] })))).toContain('last 1 GiB')
  })

  it('keeps the names of lines that end together apart', () => {
    const lines = [0, 1, 2, 3].map((index) =>
      aLine({ name: `name${index}`, points: everyMinute(aChart().from, 181, () => 1e9 + index) }),
    )
    const heights = Array.from(chartSvg(aChart({ lines })).matchAll(/y="([\d.]+)"[^>]*>name\d</g), ([, y]) => Number(y))
    const distances = heights.sort((a, b) => a - b).map((height, index) => height - (heights[index - 1] ?? 0))
    expect(distances).toHaveLength(4)
    expect(Math.min(...distances)).toBeGreaterThan(38)
  })

  it('puts the name of the limit where the line of the subject is not', () => {
    const along = aLine({ points: everyMinute(aChart().from, 181, (minute) => (minute < 90 ? 2.05 : 0.5) * 2 ** 30) })
    const x = /x="([\d.]+)"[^>]*>limit 2 GiB</.exec(chartSvg(aChart({ lines: [along] })))?.[1]
    expect(Number(x)).toBeGreaterThan(330)
  })

  it('stays within the picture and well-formed with anything in it', () => {
    fc.assert(
      fc.property(anyChart, (chart) => {
        const svg = chartSvg(chart)
        expect(svg).not.toMatch(/NaN|Infinity|undefined/)
        expect(svg.length).toBeLessThan(300_000)
        expect(() => new Resvg(svg, { font: { loadSystemFonts: false } })).not.toThrow()
        for (const [, y] of svg.matchAll(/ (?:y|y1|y2|cy)="([^"]+)"/g)) {
          expect(Number(y)).toBeGreaterThanOrEqual(0)
          expect(Number(y)).toBeLessThanOrEqual(440)
        }
      }),
      { numRuns: 150 },
    )
  })
})

function textsOf(svg: string): readonly string[] {
  return Array.from(svg.matchAll(/>([^<>]+)<\/text>/g), ([, words]) => words ?? '')
}
