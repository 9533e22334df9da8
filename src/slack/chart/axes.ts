import type { Chart } from '../../domain/chart.ts'
import { type Frame, HEIGHT, MARGIN, type, WIDTH } from './frame.ts'
import { palette } from './palette.ts'
import { lineElement, textElement } from './svg.ts'
import { textWidth } from './text.ts'
import { localTime, period, timeTicks, zoneName } from './times.ts'
import type { ValueAxis } from './values.ts'

const TIME_TICK_EVERY = 105
const GAP = 10
/** Height of the row of local times, where there is one. */
export const LOCAL_ROW = 18
const LOCAL = { size: type.note, fill: palette.quiet }
const AXIS = { stroke: palette.axis, 'stroke-width': 1.2 }
const GRID = { stroke: palette.grid, 'stroke-width': 1.2 }

/** Faint horizontal lines with their values at the left. */
export function drawValueAxis(axis: ValueAxis, { left, right, y }: Frame): string {
  const style = { size: type.axis, fill: palette.text, anchor: 'end' } as const
  return axis.ticks
    .map(({ value, label }) => [y(value), label] as const)
    .map(([at, label]) => lineElement([left, at], [right, at], GRID) + textElement(left - GAP, at + 5.5, label, style))
    .join('')
}

/** The base line with round times below it, and the date below those. Labels that would touch are left out, their ticks stay. */
export function drawTimeAxis(chart: Chart, { left, right, bottom, x }: Frame): string {
  const drawn = [lineElement([left, bottom], [right, bottom], AXIS)]
  let free = 0
  for (const tick of timeTicks(chart.from, chart.to, Math.max(2, Math.floor((right - left) / TIME_TICK_EVERY)))) {
    const place = x(tick.at)
    drawn.push(lineElement([place, bottom], [place, bottom + 6], AXIS))
    const weight = tick.midnight ? 600 : 400
    const half = textWidth(tick.label, type.axis, weight) / 2
    const middle = Math.min(place, WIDTH - MARGIN / 2 - half)
    if (middle - half < free) continue
    free = middle + half + GAP
    const fill = tick.midnight ? palette.ink : palette.text
    drawn.push(textElement(middle, bottom + 24, tick.label, { size: type.axis, fill, weight, anchor: 'middle' }))
    if (chart.timeZone === undefined) continue
    const local = localTime(tick.at, chart.timeZone)
    drawn.push(textElement(middle, bottom + 24 + LOCAL_ROW, local, { ...LOCAL, anchor: 'middle' }))
  }
  const zones = chart.timeZone === undefined ? '' : `; below it ${zoneName(chart.timeZone)}`
  return drawn.join('') + textElement(left, HEIGHT - 12, `${period(chart.from, chart.to)}${zones}`, LOCAL)
}

/** How much room the value labels need at the left. */
export function valueLabelsWidth(axis: ValueAxis): number {
  return Math.max(0, ...axis.ticks.map(({ label }) => textWidth(label, type.axis, 400))) + GAP
}
