import { at } from './numbers.ts'

/** The most regressors a model has. */
export const MOST_REGRESSORS = 8

/** Scratch space and result of `solveRidge`: overwritten by every call, so copy what must last. */
export interface RidgeSolution {
  /** Coefficients. */
  readonly coefficients: Float64Array
  /** (A + λI)⁻¹ of the last coefficient. */
  lastInverse: number
  /** log det(A + λI). */
  logDeterminant: number
}

const FACTOR = new Float64Array(MOST_REGRESSORS * MOST_REGRESSORS)
const FORWARD = new Float64Array(MOST_REGRESSORS)

/**
 * Solves (A + λI)·x = v by Cholesky's method for a symmetric matrix of which the lower triangle is given, row by row, with
 * rows of `MOST_REGRESSORS`. Returns false where the matrix is singular.
 */
export function solveRidge(
  matrix: Float64Array,
  vector: Float64Array,
  size: number,
  lambda: number,
  solution: RidgeSolution,
): boolean {
  let logDeterminant = 0
  for (let i = 0; i < size; i++) {
    const row = i * MOST_REGRESSORS
    for (let j = 0; j <= i; j++) {
      const other = j * MOST_REGRESSORS
      let sum = at(matrix, row + j) + (i === j ? lambda : 0)
      for (let q = 0; q < j; q++) sum -= at(FACTOR, row + q) * at(FACTOR, other + q)
      if (i !== j) {
        FACTOR[row + j] = sum / at(FACTOR, other + j)
        continue
      }
      if (!(sum > 1e-9 * (at(matrix, row + i) + lambda))) return false
      FACTOR[row + i] = Math.sqrt(sum)
      logDeterminant += Math.log(sum)
    }
  }
  const { coefficients } = solution
  for (let i = 0; i < size; i++) {
    let sum = at(vector, i)
    for (let q = 0; q < i; q++) sum -= at(FACTOR, i * MOST_REGRESSORS + q) * at(FORWARD, q)
    FORWARD[i] = sum / at(FACTOR, i * MOST_REGRESSORS + i)
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = at(FORWARD, i)
    for (let q = i + 1; q < size; q++) sum -= at(FACTOR, q * MOST_REGRESSORS + i) * at(coefficients, q)
    coefficients[i] = sum / at(FACTOR, i * MOST_REGRESSORS + i)
  }
  solution.lastInverse = size > 0 ? at(FACTOR, (size - 1) * (MOST_REGRESSORS + 1)) ** -2 : 0
  solution.logDeterminant = logDeterminant
  return true
}
