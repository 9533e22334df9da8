import type { Chart } from '../../domain/chart.ts'
import { type Frame, HEIGHT, MARGIN, type, WIDTH } from './frame.ts'
import { palette } from './palette.ts'
import { element, textElement } from './svg.ts'
import { textWidth } from './text.ts'
import { period, timeTicks } from './times.ts'
import type { ValueAxis } from './values.ts'

const TIME_TICK_EVERY = 105
const GAP = 10

/** Faint horizontal lines with their values at the left. */
export function drawValueAxis(axis: ValueAxis, frame: Frame): string {
  const lines = axis.ticks.map(({ value, label }) => {
    const y = frame.y(value)
    return (
      element('line', { x1: frame.left, x2: frame.right, y1: y, y2: y, stroke: palette.grid, 'stroke-width': 1.2 }) +
      textElement(frame.left - GAP, y + 5.5, label, { size: type.axis, fill: palette.text, anchor: 'end' })
    )
  })
  return lines.join('')
}

/** The base line with round times below it, and the date below those. Labels that would touch are left out, their ticks stay. */
export function drawTimeAxis(chart: Chart, frame: Frame): string {
  const { left, right, bottom } = frame
  const base = element('line', {
    x1: left,
    x2: right,
    y1: bottom,
    y2: bottom,
    stroke: palette.axis,
    'stroke-width': 1.2,
  })
  let free = MARGIN
  const ticks = timeTicks(chart.from, chart.to, Math.max(2, Math.floor((right - left) / TIME_TICK_EVERY))).map(
    (tick) => {
      const x = frame.x(tick.at)
      const mark = element('line', {
        x1: x,
        x2: x,
        y1: bottom,
        y2: bottom + 6,
        stroke: palette.axis,
        'stroke-width': 1.2,
      })
      const weight = tick.midnight ? 600 : 400
      const half = textWidth(tick.label, type.axis, weight) / 2
      const middle = Math.min(x, WIDTH - MARGIN / 2 - half)
      if (middle - half < free) return mark
      free = middle + half + GAP
      const style = {
        size: type.axis,
        fill: tick.midnight ? palette.ink : palette.text,
        weight,
        anchor: 'middle',
      } as const
      return mark + textElement(middle, bottom + 24, tick.label, style)
    },
  )
  const note = textElement(left, HEIGHT - 12, period(chart.from, chart.to), { size: type.note, fill: palette.quiet })
  return base + ticks.join('') + note
}

/** How much room the value labels need at the left. */
export function valueLabelsWidth(axis: ValueAxis): number {
  return Math.max(0, ...axis.ticks.map(({ label }) => textWidth(label, type.axis, 400))) + GAP
}
