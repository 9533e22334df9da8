export type Point = readonly [at: number, value: number | undefined]

interface Column {
  low: Point
  high: Point
  last: Point
}

/**
 * At most two points per column of the picture, the lowest and the highest in the order of their times, so that no peak is lost
 * (a min-max decimation; Jugel et al., VLDB 2014, compare it with others). The last point stays too: the line ends in it. A gap narrower
 * than a column would not be visible and goes; wider ones stay gaps. Series that fit are left alone.
 */
export function thin(points: readonly Point[], from: number, to: number, columns: number): readonly Point[] {
  if (points.length <= 2 * columns) return points
  const thinned: Point[] = []
  let column: Column | undefined
  let current = -1
  for (const point of points) {
    const index = Math.floor(((point[0] - from) / (to - from)) * columns)
    if (index !== current && current >= 0) {
      append(thinned, column, point[0])
      column = undefined
    }
    current = index
    column = widened(column, point)
  }
  append(thinned, column, to)
  if (column && thinned.at(-1) !== column.last) thinned.push(column.last)
  return thinned
}

function append(thinned: Point[], column: Column | undefined, end: number): void {
  if (!column) {
    if (thinned.at(-1)?.[1] !== undefined) thinned.push([end, undefined])
    return
  }
  const { low, high } = column
  if (low === high) thinned.push(low)
  else thinned.push(...(low[0] < high[0] ? [low, high] : [high, low]))
}

function widened(column: Column | undefined, point: Point): Column | undefined {
  const value = point[1]
  if (value === undefined) return column
  if (!column) return { low: point, high: point, last: point }
  if (value < (column.low[1] ?? value)) column.low = point
  if (value > (column.high[1] ?? value)) column.high = point
  column.last = point
  return column
}
