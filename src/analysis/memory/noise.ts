import type { NoiseShape } from './noise-shapes.ts'
import { at } from './numbers.ts'
import type { Observations } from './observations.ts'

/**
 * Products of columns after the noise has been made white, for one shape of the noise.
 * Column 0 is the level, the others are the regressors in their order. Each segment's own level is already taken out.
 */
export interface WhitenedProducts {
  /** What the transformation and the segment levels add to −2·log likelihood. */
  readonly logDeterminant: number
  readonly product: (a: number, b: number) => number
}

/**
 * The noise is a first-order autoregressive wander plus white noise. A Kalman filter over the observations of a segment
 * yields their innovations, which is the exact transformation to white noise (Harvey 1989, Forecasting, Structural Time
 * Series Models and the Kalman Filter, 3.4); its gains depend on the gaps only, so every column shares them.
 * Segment levels are projected out with a flat prior, which makes the likelihood the restricted one (Patterson and
 * Thompson 1971): without that, ρ is underestimated and trends look surer than they are.
 *
 * All shapes share their room, because allocating it for each took longer than the arithmetic: the products of a shape hold
 * until those of the next are asked for.
 */
export function whitening(
  observed: Observations,
  columns: readonly Float64Array[],
): (shape: NoiseShape) => WhitenedProducts {
  const { count } = observed
  const size = columns.length
  const begins = segmentBegins(observed)
  const ones = new Float64Array(count).fill(1)
  const filter = emptyFilter(count)
  const intercept = new Float64Array(count)
  const norms = new Float64Array(begins.length - 1)
  const room = new Float64Array(size * count)
  const whitened = columns.map((_, index) => room.subarray(index * count, (index + 1) * count))
  const ready = new Uint8Array(size)
  const known = new Float64Array(size * size)
  const ensure = (index: number): Float64Array => {
    const made = whitened[index] ?? intercept
    if (ready[index] === 1) return made
    ready[index] = 1
    whiten(columns[index] ?? ones, filter, made)
    takeOutLevels(made, intercept, norms, begins)
    return made
  }
  const product = (a: number, b: number) => {
    const place = a < b ? a * size + b : b * size + a
    const found = at(known, place)
    if (!Number.isNaN(found)) return found
    const computed = dot(ensure(a), ensure(b))
    known[place] = computed
    return computed
  }
  return (shape) => {
    const determinant = tune(filter, observed, shape)
    whiten(ones, filter, intercept)
    setSegmentNorms(norms, intercept, begins)
    ready.fill(0)
    known.fill(Number.NaN)
    return { logDeterminant: determinant + norms.reduce((sum, norm) => sum + Math.log(norm), 0), product }
  }
}

interface Filter {
  /** How much of the state before is still expected; 0 where a segment begins. */
  readonly decay: Float64Array
  /** How much of an innovation the state takes over. */
  readonly gain: Float64Array
  /** 1 / standard deviation of an innovation. */
  readonly scale: Float64Array
}

function emptyFilter(count: number): Filter {
  return { decay: new Float64Array(count), gain: new Float64Array(count), scale: new Float64Array(count) }
}

/** Makes the filter that of a shape and returns the logarithm of its determinant. */
function tune({ decay, gain, scale }: Filter, { gap, count }: Observations, { rho, wander }: NoiseShape): number {
  let logDeterminant = 0
  let uncertainty = wander
  for (let i = 0; i < count; i++) {
    const slices = gap[i] ?? 0
    const kept = slices === 0 ? 0 : slices === 1 ? rho : rho ** slices
    const expected = kept * kept * uncertainty + (1 - kept * kept) * wander
    const variance = expected + 1 - wander
    decay[i] = kept
    gain[i] = expected / variance
    scale[i] = 1 / Math.sqrt(variance)
    uncertainty = expected * (1 - expected / variance)
    logDeterminant += Math.log(variance)
  }
  return logDeterminant
}

function whiten(column: Float64Array, { decay, gain, scale }: Filter, white: Float64Array): void {
  let state = 0
  for (let i = 0; i < column.length; i++) {
    const expected = at(decay, i) * state
    const innovation = at(column, i) - expected
    state = expected + at(gain, i) * innovation
    white[i] = innovation * at(scale, i)
  }
}

/** The first observation of each segment, and one past the last of all. */
function segmentBegins({ gap, count }: Observations): Int32Array {
  return Int32Array.from([...[...gap.keys()].filter((i) => gap[i] === 0), count])
}

/** Σ of squares within each segment. */
function setSegmentNorms(norms: Float64Array, column: Float64Array, begins: Int32Array): void {
  for (let s = 0; s < norms.length; s++) {
    let sum = 0
    for (let i = begins[s] ?? 0; i < (begins[s + 1] ?? 0); i++) sum += at(column, i) ** 2
    norms[s] = sum
  }
}

/** Takes each segment's own level out of a whitened column, in place. */
function takeOutLevels(column: Float64Array, intercept: Float64Array, norms: Float64Array, begins: Int32Array): void {
  for (let s = 0; s < norms.length; s++) {
    const begin = begins[s] ?? 0
    const end = begins[s + 1] ?? 0
    let sum = 0
    for (let i = begin; i < end; i++) sum += at(column, i) * at(intercept, i)
    const level = sum / at(norms, s)
    for (let i = begin; i < end; i++) column[i] = at(column, i) - level * at(intercept, i)
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += at(a, i) * at(b, i)
  return sum
}
