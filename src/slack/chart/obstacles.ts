import type { Chart } from '../../domain/chart.ts'
import { type Box, type Frame, overlaps } from './frame.ts'
import type { DrawnLine } from './lines.ts'
import type { Rail } from './rail.ts'

/** Something that a name in the plot should not cover, and how bad it is if it does. */
export interface Obstacle {
  readonly box: Box
  readonly cost: number
}

/** Two names on each other cannot be read, whatever else is avoided by it. */
export const NAME_COST = 10_000
const MOMENT_COST = 3
const THRESHOLD_COST = 20
/** A name lies within this distance of its threshold; what is further away cannot be in its way. */
const REACH = 30
const SEGMENT_COST = { subject: 2, other: 1 } as const

/** The named moments, the thresholds, and the pieces of all lines that come near a threshold. */
export function obstacles(chart: Chart, lines: readonly DrawnLine[], rail: Rail, frame: Frame): readonly Obstacle[] {
  const moments = rail.chips.flatMap(({ moment }) =>
    moment === undefined ? [] : [{ box: { ...frame, left: moment - 6, right: moment + 6 }, cost: MOMENT_COST }],
  )
  const thresholds = chart.thresholds.map(({ value }) => ({
    box: { ...frame, top: frame.y(value) - 1, bottom: frame.y(value) + 1 },
    cost: THRESHOLD_COST,
  }))
  const heights = chart.thresholds.map(({ value }) => frame.y(value))
  return [...moments, ...thresholds, ...lines.flatMap((line) => segments(line, heights, frame))]
}

/** The first of the candidates that covers least. */
export function leastCovering(candidates: readonly [Box, ...Box[]], all: readonly Obstacle[]): Box {
  let best = candidates[0]
  let least = Number.POSITIVE_INFINITY
  for (const box of candidates) {
    let cost = 0
    for (const obstacle of all) if (overlaps(box, obstacle.box)) cost += obstacle.cost
    if (cost < least) [best, least] = [box, cost]
  }
  return best
}

function segments({ points, role }: DrawnLine, heights: readonly number[], frame: Frame): readonly Obstacle[] {
  const found: Obstacle[] = []
  let before: { readonly x: number; readonly y: number } | undefined
  for (const [at, value] of points) {
    if (value === undefined) {
      before = undefined
      continue
    }
    const to = { x: frame.x(at), y: frame.y(value) }
    const from = before ?? to
    const top = Math.min(from.y, to.y) - 2
    const bottom = Math.max(from.y, to.y) + 2
    if (heights.some((height) => bottom > height - REACH && top < height + REACH)) {
      found.push({ box: { left: from.x, right: to.x, top, bottom }, cost: SEGMENT_COST[role] })
    }
    before = to
  }
  return found
}
