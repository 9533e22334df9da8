import { line } from 'd3-shape'
import type { Chart, ChartLine } from '../../domain/chart.ts'
import type { Frame } from './frame.ts'
import { withoutCommonStart } from './names.ts'
import { palette } from './palette.ts'
import { element } from './svg.ts'
import { type Point, thin } from './thin.ts'

export interface DrawnLine {
  readonly role: ChartLine['role']
  readonly name: string
  /** Thinned to what the picture can show. */
  readonly points: readonly Point[]
  /** The last point that has a value. */
  readonly last: readonly [at: number, value: number]
}

/** Columns of the picture in which points are told apart, each a little narrower than the thinnest line. */
const COLUMNS = 420
const WIDTHS = { subject: 3, other: 1.8 } as const

/** The lines as they will be drawn; those without a single value are left out. */
export function drawnLines(chart: Chart): readonly DrawnLine[] {
  const names = withoutCommonStart(chart.lines.map(({ name }) => name))
  return chart.lines.flatMap(({ role, points }, index) => {
    const last = lastValue(points)
    return last ? [{ role, name: names[index] ?? '', points: thin(points, chart.from, chart.to, COLUMNS), last }] : []
  })
}

/** All lines of one role, as strokes that break at gaps; a value between two gaps is a dot. */
export function drawLines(lines: readonly DrawnLine[], role: ChartLine['role'], frame: Frame): string {
  const path = line<Point>(
    ([at]) => frame.x(at),
    ([, value]) => frame.y(value ?? 0),
  )
    .defined(([, value]) => value !== undefined)
    .digits(1)
  return lines
    .filter((drawn) => drawn.role === role)
    .map(({ points }) => {
      const stroke = { stroke: palette[role], 'stroke-width': WIDTHS[role], 'stroke-linejoin': 'round', fill: 'none' }
      return element('path', { ...stroke, d: path(points) ?? '' }) + drawLonePoints(points, role, frame)
    })
    .join('')
}

/** A dot at the last value of each subject. */
export function drawEnds(lines: readonly DrawnLine[], frame: Frame): string {
  return lines
    .filter(({ role }) => role === 'subject')
    .map(({ last }) => dot(last, 5, palette.subject, frame))
    .join('')
}

function drawLonePoints(points: readonly Point[], role: ChartLine['role'], frame: Frame): string {
  return points
    .filter(([, value], index) => value !== undefined && isGap(points[index - 1]) && isGap(points[index + 1]))
    .map(([at, value]) => dot([at, value ?? 0], WIDTHS[role] * 0.8, palette[role], frame))
    .join('')
}

function dot([at, value]: readonly [number, number], r: number, fill: string, frame: Frame): string {
  return element('circle', { cx: frame.x(at), cy: frame.y(value), r, fill })
}

function isGap(point: Point | undefined): boolean {
  return point?.[1] === undefined
}

function lastValue(points: readonly Point[]): readonly [number, number] | undefined {
  for (let index = points.length - 1; index >= 0; index -= 1) {
    const [at, value] = points[index] ?? [0, undefined]
    if (value !== undefined) return [at, value]
  }
  return undefined
}
