import type { Chart } from '../../domain/chart.ts'
import { type Frame, type } from './frame.ts'
import type { DrawnLine } from './lines.ts'
import { palette } from './palette.ts'
import { spread } from './spread.ts'
import { textElement } from './svg.ts'
import { shortenMiddle, textWidth } from './text.ts'
import { formatValue } from './values.ts'

export interface EndLabel {
  readonly role: 'subject' | 'other'
  readonly name: string
  /** The number under a subject's name. */
  readonly detail?: string
  /** The value beside which the label should stand. */
  readonly value: number
}

const WIDEST = 150
const LINE_HEIGHT = 20
const OFFSET = 14
/** A line that ended earlier than this share of the axis before now is history, and its number is not of now. */
const STALE = 0.03
const MOST_LABELS = 6

/** What is written at the ends of the lines: each subject by name with its number, one other by name, several others as their number. */
export function endLabels(chart: Chart, lines: readonly DrawnLine[]): readonly EndLabel[] {
  const subjects = lines.filter(({ role }) => role === 'subject').slice(0, MOST_LABELS)
  const others = lines.filter(({ role }) => role === 'other')
  const labels: EndLabel[] = subjects.map(({ name, last: [at, value] }) => ({
    role: 'subject',
    name: short(name, 600),
    detail: detail(chart, at, value),
    value: subjects.length === 1 && chart.forecast ? chart.forecast.atEnd : value,
  }))
  const values = others.map(({ last }) => last[1])
  const middle = (Math.min(...values) + Math.max(...values)) / 2
  const [only] = others
  if (only && others.length === 1) labels.push({ role: 'other', name: short(only.name, 400), value: middle })
  if (others.length > 1) labels.push({ role: 'other', name: sum(chart, others.length, subjects.length), value: middle })
  return labels
}

/** Room at the right that the labels need, from the edge of the plot. */
export function endLabelsWidth(labels: readonly EndLabel[]): number {
  const widths = labels.map(({ role, name, detail = '' }) =>
    Math.max(textWidth(name, type.label, role === 'subject' ? 600 : 400), textWidth(detail, type.axis, 400)),
  )
  return Math.max(0, ...widths) + OFFSET
}

/** The labels right of the plot, moved apart where they would overlap. */
export function drawEndLabels(labels: readonly EndLabel[], frame: Frame): string {
  const items = labels.map(({ role, value, detail }) => ({
    at: Math.max(frame.top, Math.min(frame.bottom, frame.y(value))),
    size: (detail ? 2 : 1) * LINE_HEIGHT + 4,
    weight: role === 'subject' ? 10 : 1,
  }))
  const middles = spread(items, frame.top - LINE_HEIGHT / 2, frame.bottom + LINE_HEIGHT / 2)
  return labels.map((label, index) => drawLabel(label, frame.right + OFFSET, middles[index] ?? 0)).join('')
}

function drawLabel({ role, name, detail }: EndLabel, x: number, middle: number): string {
  if (role === 'other') return textElement(x, middle + 6, name, { size: type.label, fill: palette.quiet })
  const first = middle + 6 - (detail ? LINE_HEIGHT / 2 : 0)
  const heading = textElement(x, first, name, { size: type.label, fill: palette.subject, weight: 600 })
  return heading + (detail ? textElement(x, first + LINE_HEIGHT, detail, { size: type.axis, fill: palette.text }) : '')
}

function detail(chart: Chart, at: number, value: number): string {
  const written = formatValue(chart, value)
  if (chart.now - at > (chart.to - chart.from) * STALE) return `last ${written}`
  return chart.forecast ? `${written} now` : written
}

function sum(chart: Chart, count: number, subjects: number): string {
  const noun = chart.linesAre ?? ''
  if (subjects === 0) return `${count} ${noun || 'lines'}`
  return noun ? short(`${count} other ${noun}`, 400) : `${count} others`
}

function short(name: string, weight: 400 | 600): string {
  return shortenMiddle(name, WIDEST, type.label, weight)
}
