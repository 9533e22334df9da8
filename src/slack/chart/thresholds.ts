import type { Chart } from '../../domain/chart.ts'
import { type Box, type Frame, overlaps, type } from './frame.ts'
import type { DrawnLine } from './lines.ts'
import { palette } from './palette.ts'
import { element, textElement } from './svg.ts'
import { shorten, textWidth } from './text.ts'

const SIZE = type.label
const ABOVE = 8
const BELOW = 20
const INSET = 10

/** The thresholds as lines through the whole plot; the first is the one that counts, the others are thinner. */
export function drawThresholdLines(chart: Chart, frame: Frame): string {
  return chart.thresholds
    .map(({ value }, index) => {
      const y = frame.y(value)
      const style = index === 0 ? { 'stroke-width': 2 } : { 'stroke-width': 1.5, 'stroke-dasharray': '10 4' }
      return element('line', { x1: frame.left, x2: frame.right, y1: y, y2: y, stroke: palette.ink, ...style })
    })
    .join('')
}

/** Their names on the lines, each at the place where it covers the least of the lines and of the names before it. */
export function drawThresholdLabels(
  chart: Chart,
  lines: readonly DrawnLine[],
  nowX: number | undefined,
  frame: Frame,
): string {
  const taken: Box[] = []
  return chart.thresholds
    .map(({ label, value }, index) => {
      const weight = index === 0 ? 600 : 400
      const text = shorten(label, (frame.right - frame.left) / 2, SIZE, weight)
      const boxes = candidates(textWidth(text, SIZE, weight), frame.y(value), nowX ?? frame.right, frame)
      const box = boxes.reduce((best, next) =>
        cost(next, lines, taken, frame) < cost(best, lines, taken, frame) ? next : best,
      )
      taken.push(box)
      return textElement(box.left, box.bottom - 4, text, { size: SIZE, weight, fill: palette.ink, halo: palette.paper })
    })
    .join('')
}

function candidates(width: number, y: number, end: number, { left, top }: Frame): [Box, ...Box[]] {
  const first = left + INSET
  const last = Math.max(first, end - INSET - width)
  const box = (share: number, baseline: number): Box => {
    const start = first + (last - first) * share
    return { left: start, right: start + width, top: baseline - SIZE, bottom: baseline + 4 }
  }
  const above = y - ABOVE - SIZE >= top ? [y - ABOVE, y + BELOW] : [y + BELOW]
  const places = above.flatMap((baseline) => [0, 0.25, 0.5, 0.75, 1].map((share) => box(share, baseline)))
  return [box(0, above[0] ?? y), ...places]
}

function cost(box: Box, lines: readonly DrawnLine[], taken: readonly Box[], frame: Frame): number {
  const names = taken.filter((other) => overlaps(box, other)).length
  let crossings = 0
  for (const { points, role } of lines) {
    for (const [index, [at, value]] of points.entries()) {
      const [earlier, before] = points[index - 1] ?? [at, value]
      if (value === undefined) continue
      const from = { x: frame.x(before === undefined ? at : earlier), y: frame.y(before ?? value) }
      const to = { x: frame.x(at), y: frame.y(value) }
      const segment = {
        left: from.x - 1,
        right: to.x + 1,
        top: Math.min(from.y, to.y) - 1,
        bottom: Math.max(from.y, to.y) + 1,
      }
      if (overlaps(box, segment)) crossings += role === 'subject' ? 2 : 1
    }
  }
  return names * 10_000 + crossings
}
