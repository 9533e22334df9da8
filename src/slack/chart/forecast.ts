import type { ChartForecast } from '../../domain/chart.ts'
import type { Frame } from './frame.ts'
import { palette } from './palette.ts'
import { element } from './svg.ts'

type Place = readonly [x: number, y: number]

/** The expected course from now on, dashed, in the band in which it should stay, both cut where they leave the plot. */
export function drawForecast({ value, atEnd, low, high }: ChartForecast, now: number, frame: Frame): string {
  const start: Place = [frame.x(now), frame.y(value)]
  const upper = exit(start, frame.y(Math.max(high, low)), frame)
  const lower = exit(start, frame.y(Math.min(high, low)), frame)
  const corners: Place[] = []
  if (upper[0] < frame.right && lower[1] > frame.top) corners.push([frame.right, frame.top])
  if (lower[0] < frame.right && upper[1] < frame.bottom) corners.push([frame.right, frame.bottom])
  const band = { d: `${path([start, upper, ...corners, lower])}Z`, fill: palette.subject, 'fill-opacity': 0.16 }
  const stroke = { stroke: palette.subject, 'stroke-width': 3, 'stroke-dasharray': '9 6', fill: 'none' }
  return element('path', band) + element('path', { ...stroke, d: path([start, exit(start, frame.y(atEnd), frame)]) })
}

/** Where a straight line from `start` to the height `endY` at the right edge leaves the plot. */
function exit([x, y]: Place, endY: number, { right, top, bottom }: Frame): Place {
  const inside = Math.max(top, Math.min(bottom, endY))
  const share = inside === endY ? 1 : (inside - y) / (endY - y)
  return [x + (right - x) * share, inside]
}

function path(places: readonly Place[]): string {
  return `M${places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join('L')}`
}
