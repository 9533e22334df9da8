import { type Frame, type } from './frame.ts'
import { palette } from './palette.ts'
import type { Chip, MarkerKind, Rail } from './rail.ts'
import { element, lineElement, textElement } from './svg.ts'

export const CHIP_HEIGHT = 27
/** Height of the strip with ticks between the chips and the plot. */
export const STRIP_HEIGHT = 16
const TICK = 10

const LOOKS = {
  deploy: { ink: palette.deploy, paper: palette.deployPaper, dashes: '6 4' },
  restart: { ink: palette.restart, paper: palette.restartPaper, dashes: '2 3.5' },
} as const satisfies Record<MarkerKind, unknown>

/** The moments as vertical lines through the plot, under everything else: dashed when named, faint when there are many. */
export function drawMoments(rail: Rail, chipTop: number, frame: Frame): string {
  const { top, bottom } = frame
  const named = rail.chips.map(({ kind, moment }) => {
    if (moment === undefined) return ''
    const style = { stroke: LOOKS[kind].ink, 'stroke-width': 2, 'stroke-dasharray': LOOKS[kind].dashes }
    return lineElement([moment, chipTop + CHIP_HEIGHT], [moment, bottom], style)
  })
  const many = rail.ticks.map(({ kind, x }) => {
    const style = { stroke: LOOKS[kind].ink, 'stroke-width': 1.8 }
    const faint = { ...style, 'stroke-width': 1, 'stroke-opacity': 0.13 }
    return lineElement([x, top], [x, bottom], faint) + lineElement([x, top - TICK - 3], [x, top - 3], style)
  })
  return named.join('') + many.join('')
}

/** The chips with the names of the moments, and "now". */
export function drawRail(rail: Rail, chipTop: number): string {
  const baseline = chipTop + CHIP_HEIGHT / 2 + 6
  const chips = rail.chips.map((chip) => drawChip(chip, chipTop, baseline))
  if (rail.nowMiddle === undefined) return chips.join('')
  const now = textElement(rail.nowMiddle, baseline, 'now', { size: type.label, fill: palette.text, anchor: 'middle' })
  return chips.join('') + now
}

/** The time that has not come yet, shaded, and the line at which it begins. */
export function drawFuture(nowX: number, chipTop: number, { top, bottom, right }: Frame): string {
  const shade = { x: nowX, y: top, width: right - nowX, height: bottom - top, fill: palette.future }
  const style = { stroke: palette.quiet, 'stroke-width': 1.5, 'stroke-dasharray': '2 4' }
  return element('rect', shade) + lineElement([nowX, chipTop + CHIP_HEIGHT], [nowX, bottom], style)
}

function drawChip({ kind, label, middle, width }: Chip, top: number, baseline: number): string {
  const { ink, paper } = LOOKS[kind]
  const shape = { x: middle - width / 2, y: top, width, height: CHIP_HEIGHT, rx: 5, fill: paper }
  return (
    element('rect', shape) + textElement(middle, baseline, label, { size: type.label, fill: ink, anchor: 'middle' })
  )
}
