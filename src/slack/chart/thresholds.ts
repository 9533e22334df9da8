import type { Chart } from '../../domain/chart.ts'
import { type Box, type Frame, type } from './frame.ts'
import { leastCovering, NAME_COST, type Obstacle } from './obstacles.ts'
import { palette } from './palette.ts'
import { lineElement, textElement } from './svg.ts'
import { shorten, textWidth } from './text.ts'

const SIZE = type.label
/** Baselines of a name over and under its line. */
const ABOVE = 8
const BELOW = 20
const INSET = 10
/** How far along the line a name may begin, the best place first. */
const PLACES = Array.from({ length: 31 }, (_, index) => index / 30)

/** The thresholds as lines through the whole plot; the first is the one that counts, the others are thinner. */
export function drawThresholdLines(chart: Chart, frame: Frame): string {
  return chart.thresholds
    .map(({ value }, index) => {
      const y = frame.y(value)
      const style = index === 0 ? { 'stroke-width': 2 } : { 'stroke-width': 1.5, 'stroke-dasharray': '10 4' }
      return lineElement([frame.left, y], [frame.right, y], { stroke: palette.ink, ...style })
    })
    .join('')
}

/** Their names on the lines, before `end`, each where it covers least of what is drawn and of the names before it. */
export function drawThresholdLabels(chart: Chart, drawn: readonly Obstacle[], end: number, frame: Frame): string {
  const names: Obstacle[] = []
  return chart.thresholds
    .map(({ label, value }, index) => {
      const weight = index === 0 ? 600 : 400
      const text = shorten(label, (frame.right - frame.left) / 2, SIZE, weight)
      const box = leastCovering(candidates(textWidth(text, SIZE, weight), frame.y(value), end, frame), [
        ...drawn,
        ...names,
      ])
      names.push({ box, cost: NAME_COST })
      return textElement(box.left, box.bottom - 4, text, { size: SIZE, weight, fill: palette.ink, halo: palette.paper })
    })
    .join('')
}

function candidates(width: number, y: number, end: number, { left, top }: Frame): readonly [Box, ...Box[]] {
  const first = left + INSET
  const last = Math.max(first, end - INSET - width)
  const box = (share: number, baseline: number): Box => {
    const start = first + (last - first) * share
    return { left: start, right: start + width, top: baseline - SIZE + 2, bottom: baseline + 4 }
  }
  const under = PLACES.map((share) => box(share, y + BELOW))
  const over = y - ABOVE - SIZE >= top ? PLACES.map((share) => box(share, y - ABOVE)) : []
  const [preferred = box(0, y + BELOW), ...others] = [...over, ...under]
  return [preferred, ...others]
}
