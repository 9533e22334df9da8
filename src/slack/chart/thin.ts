export type Point = readonly [at: number, value: number | undefined]

interface Column {
  first: Point
  low: Point
  high: Point
  last: Point
}

/**
 * At most four points per column of the picture: first, lowest, highest and last, which draws the same line as all of them
 * (M4: Jugel et al., VLDB 2014). A gap narrower than a column is not visible and goes; wider ones stay gaps.
 */
export function thin(points: readonly Point[], from: number, to: number, columns: number): readonly Point[] {
  if (points.length <= columns) return points
  const thinned: Point[] = []
  let column: Column | undefined
  let current = -1
  const finish = (gapAt: number): void => {
    if (column) thinned.push(...corners(column))
    else if (thinned.at(-1)?.[1] !== undefined) thinned.push([gapAt, undefined])
    column = undefined
  }
  for (const point of points) {
    const index = Math.floor(((point[0] - from) / (to - from)) * columns)
    if (index !== current && current >= 0) finish(point[0])
    current = index
    column = widened(column, point)
  }
  finish(to)
  return thinned
}

function widened(column: Column | undefined, point: Point): Column | undefined {
  const value = point[1]
  if (value === undefined) return column
  if (!column) return { first: point, low: point, high: point, last: point }
  if (value < (column.low[1] ?? value)) column.low = point
  if (value > (column.high[1] ?? value)) column.high = point
  column.last = point
  return column
}

function corners({ first, low, high, last }: Column): readonly Point[] {
  return [...new Set([first, low, high, last])].sort(([a], [b]) => a - b)
}
