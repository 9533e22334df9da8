/**
 * An element; NaN outside of the array. The bounds are compared first because a single read beyond an array's end, anywhere in
 * the program, makes every later read through this function allocate its result.
 */
export function at(values: Float64Array, index: number): number {
  return index >= 0 && index < values.length ? (values[index] ?? Number.NaN) : Number.NaN
}

/** `count` values, computed one by one; several times faster than `Float64Array.from`, which goes through an iterator. */
export function tabulate(count: number, value: (index: number) => number): Float64Array {
  const made = new Float64Array(count)
  for (let i = 0; i < count; i++) made[i] = value(i)
  return made
}

/** The last element; NaN where there is none. */
export function last(values: Float64Array): number {
  return at(values, values.length - 1)
}

export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value))
}

export function median3(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

/** The median; NaN of nothing. Leaves its input alone. */
export function median(values: Float64Array | readonly number[]): number {
  return quantile(values, 0.5)
}

/** Linear interpolation between order statistics (Hyndman and Fan 1996, definition 7); NaN of nothing. */
export function quantile(values: Float64Array | readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length === 0) return Number.NaN
  const position = share * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return at(sorted, below) + (position - below) * (at(sorted, above) - at(sorted, below))
}

/** Standard normal distribution function by Abramowitz and Stegun 26.2.17; error below 7.5e-8. */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly
  return z >= 0 ? 1 - tail : tail
}

const SORTED = new Float64Array(512)

/** Median of `values[from]` up to but without `values[to]`, by insertion sort, which is the fastest for a dozen. */
export function medianOf(values: Float64Array, from: number, to: number): number {
  const count = to - from
  const sorted = count <= SORTED.length ? SORTED : new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const value = at(values, from + i)
    let place = i
    while (place > 0 && at(sorted, place - 1) > value) {
      sorted[place] = at(sorted, place - 1)
      place--
    }
    sorted[place] = value
  }
  return (at(sorted, (count - 1) >> 1) + at(sorted, count >> 1)) / 2
}
