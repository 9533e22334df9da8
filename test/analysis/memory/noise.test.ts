import { describe, expect, it } from '@jest/globals'
import { whitening } from '../../../src/analysis/memory/noise.ts'
import type { Observations } from '../../../src/analysis/memory/observations.ts'

const GAPS = [0, 1, 1, 3, 1, 0, 2, 1]
const SEGMENTS = [0, 0, 0, 0, 0, 1, 1, 1]

const observed: Observations = {
  count: GAPS.length,
  bucket: Int32Array.from(GAPS.keys()),
  segment: Int32Array.from(SEGMENTS),
  segments: 2,
  gap: Int32Array.from(GAPS),
  level: new Float64Array(GAPS.length),
}

describe('making noise white', () => {
  it.each([
    { rho: 0, wander: 0 },
    { rho: 0.8, wander: 1 },
    { rho: 0.9, wander: 0.6 },
    { rho: 0.95, wander: 0.25 },
  ])('gives the products that the inverse covariance gives ($rho, $wander)', (shape) => {
    const a = Float64Array.from([1, 4, 2, 8, 5, 7, 3, 9])
    const b = Float64Array.from([2, 7, 1, 8, 2, 8, 1, 8])
    const { product, logDeterminant } = whitening(observed, [a, b])(shape)
    const direct = generalisedLeastSquares(a, b, covariance(shape))
    expect(product(0, 1)).toBeCloseTo(direct.product, 8)
    expect(product(1, 0)).toBe(product(0, 1))
    expect(logDeterminant).toBeCloseTo(direct.logDeterminant, 8)
  })
})

/** Noise of total variance 1: correlated by rho per slice within a segment, plus uncorrelated. */
function covariance({ rho, wander }: { rho: number; wander: number }): number[][] {
  let time = 0
  const times = GAPS.map((gap) => {
    time += gap
    return time
  })
  return times.map((ti, i) =>
    times.map((tj, j) => {
      if (SEGMENTS[i] !== SEGMENTS[j]) return 0
      return (i === j ? 1 - wander : 0) + wander * rho ** Math.abs(ti - tj)
    }),
  )
}

/** a'Mb with M the inverse covariance after both segments' levels have been projected out, and log|V| + log|X'V⁻¹X|. */
function generalisedLeastSquares(a: Float64Array, b: Float64Array, matrix: number[][]) {
  const levels = [0, 1].map((segment) => SEGMENTS.map((s) => (s === segment ? 1 : 0)))
  const weigh = (x: ArrayLike<number>, y: ArrayLike<number>) => {
    const solved = solve(matrix, Array.from(y)).solution
    return Array.from(x).reduce((sum, value, i) => sum + value * (solved[i] ?? 0), 0)
  }
  const inner = levels.map((x) => levels.map((y) => weigh(x, y)))
  const { solution, logDeterminant } = solve(
    inner,
    levels.map((x) => weigh(x, b)),
  )
  const projected = levels.reduce((sum, x, k) => sum + weigh(a, x) * (solution[k] ?? 0), 0)
  return {
    product: weigh(a, b) - projected,
    logDeterminant:
      solve(
        matrix,
        GAPS.map(() => 0),
      ).logDeterminant + logDeterminant,
  }
}

/** Gaussian elimination, slow and plain on purpose. */
function solve(matrix: readonly (readonly number[])[], vector: readonly number[]) {
  const rows = matrix.map((row, i) => [...row, vector[i] ?? 0])
  const size = rows.length
  let logDeterminant = 0
  rows.forEach((pivotRow, p) => {
    const pivot = pivotRow[p] ?? 0
    logDeterminant += Math.log(pivot)
    rows.forEach((row, r) => {
      if (r === p) return
      const factor = (row[p] ?? 0) / pivot
      for (let c = p; c <= size; c++) row[c] = (row[c] ?? 0) - factor * (pivotRow[c] ?? 0)
    })
  })
  return { solution: rows.map((row, i) => (row[size] ?? 0) / (row[i] ?? 1)), logDeterminant }
}
