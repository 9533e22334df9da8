import { at } from './numbers.ts'
import type { Observations } from './observations.ts'

/**
 * Products of columns after the noise has been made white, for one correlation between neighbouring observations.
 * Column 0 is the level, the others are the regressors in their order. Each segment's own level is already taken out.
 */
export interface WhitenedProducts {
  readonly rho: number
  /** What the transformation and the segment levels add to −2·log likelihood. */
  readonly logDeterminant: number
  readonly product: (a: number, b: number) => number
}

/**
 * First-order autoregressive noise with a gap-aware decay: e_i = (x_i − ρ^g·x_{i−1}) / √(1 − ρ^{2g}), g slices after its
 * predecessor. The first observation of a segment stays as it is, so that no information is lost (Prais and Winsten 1954).
 * Segment levels are projected out with a flat prior, which makes the likelihood the restricted one (Patterson and
 * Thompson 1971): without that, ρ is underestimated and trends look surer than they are.
 */
export function whitenedProducts(
  observed: Observations,
  columns: readonly Float64Array[],
  rho: number,
): WhitenedProducts {
  const { factors, scales, logDeterminant } = transformation(observed, rho)
  const intercept = whiten(new Float64Array(observed.count).fill(1), factors, scales)
  const norms = segmentSums(intercept, intercept, observed)
  const levels = norms.reduce((sum, norm) => sum + Math.log(norm), 0)
  const whitened = columns.map((column) => withoutLevels(whiten(column, factors, scales), intercept, norms, observed))
  const size = columns.length
  const known = new Float64Array(size * size).fill(Number.NaN)
  const product = (a: number, b: number) => {
    const place = a < b ? a * size + b : b * size + a
    const found = at(known, place)
    if (!Number.isNaN(found)) return found
    const computed = dot(whitened[a], whitened[b])
    known[place] = computed
    return computed
  }
  return { rho, logDeterminant: logDeterminant + levels, product }
}

function transformation({ gap, count }: Observations, rho: number) {
  const factors = new Float64Array(count)
  const scales = new Float64Array(count).fill(1)
  const byGap = new Map<number, { factor: number; scale: number; logVariance: number }>()
  let logDeterminant = 0
  for (let i = 0; i < count; i++) {
    const slices = gap[i] ?? 0
    if (slices === 0) continue
    let step = byGap.get(slices)
    if (!step) {
      const factor = rho ** slices
      const variance = 1 - factor * factor
      step = { factor, scale: 1 / Math.sqrt(variance), logVariance: Math.log(variance) }
      byGap.set(slices, step)
    }
    factors[i] = step.factor
    scales[i] = step.scale
    logDeterminant += step.logVariance
  }
  return { factors, scales, logDeterminant }
}

function whiten(column: Float64Array, factors: Float64Array, scales: Float64Array): Float64Array {
  const white = new Float64Array(column.length)
  let previous = 0
  for (let i = 0; i < column.length; i++) {
    const value = at(column, i)
    white[i] = (value - at(factors, i) * previous) * at(scales, i)
    previous = value
  }
  return white
}

function segmentSums(a: Float64Array, b: Float64Array, { segment, segments }: Observations): Float64Array {
  const sums = new Float64Array(segments)
  for (let i = 0; i < a.length; i++) {
    const s = segment[i] ?? 0
    sums[s] = at(sums, s) + at(a, i) * at(b, i)
  }
  return sums
}

function withoutLevels(
  column: Float64Array,
  intercept: Float64Array,
  norms: Float64Array,
  observed: Observations,
): Float64Array {
  const sums = segmentSums(column, intercept, observed)
  for (let i = 0; i < column.length; i++) {
    const s = observed.segment[i] ?? 0
    column[i] = at(column, i) - (at(sums, s) / at(norms, s)) * at(intercept, i)
  }
  return column
}

function dot(a: Float64Array | undefined, b: Float64Array | undefined): number {
  if (!a || !b) return Number.NaN
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += at(a, i) * at(b, i)
  return sum
}
