import { scaleLinear } from 'd3-scale'
import type { Chart } from '../../domain/chart.ts'
import { byteUnit, formatBytes, threeDigits } from '../../domain/units.ts'

export interface ValueAxis {
  readonly low: number
  readonly high: number
  readonly ticks: readonly { readonly value: number; readonly label: string }[]
}

/** Share of the axis kept free above a threshold, so that its label fits between the line and the upper edge. */
const LABEL_ROOM = 0.115
const HEADROOM = 0.05
/** A forecast may stretch the axis by this much at most; beyond it leaves the picture. */
const FORECAST_STRETCH = 1.25
const TICKS = 5

/** A value axis from zero (or the lowest negative value) over everything that is drawn, with ticks in one unit. */
export function valueAxis(chart: Chart): ValueAxis {
  const { low, high } = extent(chart)
  const unit = chart.unit === 'bytes' ? byteUnit(Math.max(high, -low), chart.byteUnits) : { name: '', bytes: 1 }
  const top = high > low ? high : low + unit.bytes
  const divisible = unit.bytes > 1
  const scale = scaleLinear([low / unit.bytes, top / unit.bytes], [0, 1])
  const shown = scale.ticks(TICKS).filter((tick) => divisible || Number.isInteger(tick))
  const crowded = shown.some((tick) => Math.abs(tick) >= 100_000)
  const whole = crowded ? '~s' : ',d'
  const written = scale.tickFormat(TICKS, divisible ? undefined : whole)
  const label = (tick: number): string => (tick === 0 ? '0' : `${written(tick)} ${unit.name}`.trim())
  return { low, high: top, ticks: shown.map((tick) => ({ value: tick * unit.bytes, label: label(tick) })) }
}

/** One value as the chart's reader writes it: "31.2 GB", "47", "12,400". */
export function formatValue(chart: Chart, value: number): string {
  if (chart.unit === 'bytes') return formatBytes(value, chart.byteUnits)
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US')
  return `${value < 0 ? '-' : ''}${threeDigits(Math.abs(value))}`
}

function extent(chart: Chart): { readonly low: number; readonly high: number } {
  let low = 0
  let high = 0
  for (const line of chart.lines) {
    for (const [, value] of line.points) {
      if (value === undefined) continue
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  const threshold = Math.max(0, ...chart.thresholds.map(({ value }) => value))
  low = Math.min(low, ...chart.thresholds.map(({ value }) => value))
  const measured = Math.max(high, threshold)
  if (chart.forecast) {
    low = Math.min(low, chart.forecast.value)
    high = Math.max(high, chart.forecast.value, Math.min(chart.forecast.high, measured * FORECAST_STRETCH))
  }
  const room = threshold > 0 ? (threshold - LABEL_ROOM * low) / (1 - LABEL_ROOM) : 0
  return { low, high: Math.max(high + (high - low) * HEADROOM, room) }
}
