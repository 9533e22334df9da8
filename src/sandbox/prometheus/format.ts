import { infinity } from './engine/numbers.ts'

/** Seconds with millisecond precision, and the value as text, since JSON has neither NaN nor infinities. */
export type Point = [seconds: number, value: string]

export function formatPoint(atMs: number, value: number): Point {
  return [atMs / 1000, formatValue(value)]
}

function formatValue(value: number): string {
  if (value === infinity) return '+Inf'
  if (value === -infinity) return '-Inf'
  return value === 0 && 1 / value < 0 ? '-0' : `${value}`
}
