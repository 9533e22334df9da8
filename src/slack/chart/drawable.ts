import type { Chart, ChartForecast, ChartLine } from '../../domain/chart.ts'
import { cleanText } from './text.ts'

/** Beyond every measurement; numbers above it would be written with an exponent and stretch the axis to nothing. */
const LARGEST = 1e21
/** The range of a JavaScript date. */
const LAST_DATE = 8.64e15
const MINUTE_MS = 60_000

/**
 * The chart with everything that cannot be drawn taken out, so that the drawing code needs no doubts: texts are clean, numbers finite,
 * the time axis has a length, points and markers lie on it in order, and points without a value are gaps.
 */
export function drawable(chart: Chart): Chart {
  const from = isDate(chart.from) ? chart.from : 0
  const to = isDate(chart.to) && chart.to > from ? chart.to : from + MINUTE_MS
  const { forecast, ...rest } = chart
  const shownForecast =
    forecast && isValue(forecast.value) && isValue(forecast.atEnd) ? drawableForecast(forecast) : undefined
  return {
    ...rest,
    title: cleanText(chart.title),
    subtitle: cleanText(chart.subtitle),
    from,
    to,
    now: isDate(chart.now) ? chart.now : to,
    lines: chart.lines.map((line) => drawableLine(line, from, to)),
    thresholds: chart.thresholds
      .filter(({ value }) => isValue(value))
      .map(({ label, value }) => ({ label: cleanText(label), value })),
    markers: chart.markers
      .filter(({ at }) => at >= from && at <= to)
      .map((marker) => ({ ...marker, label: cleanText(marker.label) || marker.kind }))
      .sort((a, b) => a.at - b.at),
    ...(shownForecast && { forecast: shownForecast }),
  }
}

function drawableLine(line: ChartLine, from: number, to: number): ChartLine {
  const points = line.points
    .filter(([at]) => at >= from && at <= to)
    .map(([at, value]) => [at, value !== undefined && isValue(value) ? value : undefined] as const)
  return { ...line, name: cleanText(line.name), points: points.sort(([a], [b]) => a - b) }
}

function drawableForecast({ value, atEnd, low, high }: ChartForecast): ChartForecast {
  return { value, atEnd, low: isValue(low) ? low : atEnd, high: isValue(high) ? high : atEnd }
}

function isValue(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) < LARGEST
}

function isDate(at: number): boolean {
  return Number.isFinite(at) && Math.abs(at) < LAST_DATE - MINUTE_MS
}
