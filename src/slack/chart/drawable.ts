import type { Chart, ChartForecast, ChartLine } from '../../domain/chart.ts'
import { cleanText } from './text.ts'

/** Beyond every measurement; numbers above it would be written with an exponent and stretch the axis to nothing. */
const LARGEST = 1e21
/** Below every measurement; the arithmetic of an axis that short is no longer exact. */
const SMALLEST = 1e-9
/** Milliseconds of the last JavaScript date, less room for an axis that begins there. */
const LAST_DATE = 8.64e15 - 1e9
const MINUTE_MS = 60_000

/**
 * The chart with everything that cannot be drawn taken out, so that the drawing code needs no doubts: texts are clean, numbers finite,
 * the time axis has a length, points and markers lie on it in order, and points without a value are gaps.
 */
export function drawable(chart: Chart): Chart {
  const from = drawableTime(chart.from) ?? 0
  const end = drawableTime(chart.to)
  const to = end !== undefined && end > from ? end : from + MINUTE_MS
  const { forecast, ...rest } = chart
  const shownForecast = forecast && drawableForecast(forecast)
  return {
    ...rest,
    title: cleanText(chart.title),
    subtitle: cleanText(chart.subtitle),
    ...(chart.linesAre !== undefined && { linesAre: cleanText(chart.linesAre) }),
    from,
    to,
    now: drawableTime(chart.now) ?? to,
    lines: chart.lines.map((line) => drawableLine(line, from, to)),
    thresholds: chart.thresholds.flatMap(({ label, value }) => {
      const shown = drawableValue(value)
      return shown === undefined ? [] : [{ label: cleanText(label), value: shown }]
    }),
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
    .map(([at, value]) => [at, drawableValue(value)] as const)
    .sort(([a], [b]) => a - b)
  return { ...line, name: cleanText(line.name), points }
}

function drawableForecast(forecast: ChartForecast): ChartForecast | undefined {
  const value = drawableValue(forecast.value)
  const atEnd = drawableValue(forecast.atEnd)
  if (value === undefined || atEnd === undefined) return undefined
  return { value, atEnd, low: drawableValue(forecast.low) ?? atEnd, high: drawableValue(forecast.high) ?? atEnd }
}

function drawableValue(value: number | undefined): number | undefined {
  if (value === undefined || !Number.isFinite(value) || Math.abs(value) > LARGEST) return undefined
  return Math.abs(value) < SMALLEST ? 0 : value
}

function drawableTime(at: number): number | undefined {
  return Number.isFinite(at) && Math.abs(at) < LAST_DATE ? Math.round(at) : undefined
}
