/** Seconds with millisecond precision, and the value as text, since JSON has neither NaN nor infinities. */
export type Point = [seconds: number, value: string]

export function formatPoint(atMs: number, value: number): Point {
  return [atMs / 1000, formatValue(value)]
}

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return Object.is(value, -0) ? '-0' : String(value)
}
