import { at } from './numbers.ts'
import type { Observations } from './observations.ts'
import type { Regressor, Step } from './regressors.ts'

const SHORTEST_SIDE = 4
const SHORTEST_SEGMENT = 10

/** How far from the least-squares split the jump itself may be. */
const NEARBY = 4

/**
 * Where one step of the level would explain most of what the regressors leave over, as least squares sees it
 * (binary segmentation, Scott and Knott 1974), moved to the largest jump nearby: with correlated noise least squares finds the
 * neighbourhood but not the place.
 */
export function findStep(observed: Observations, regressors: readonly Regressor[]): Step | undefined {
  const rest = regressors.reduce(
    (left, { values }) => without(left, centred(values, observed), observed.count),
    centred(observed.level, observed),
  )
  let best: { gain: number; from: number; begin: number; end: number; up: number } | undefined
  let begin = 0
  for (let end = 1; end <= observed.count; end++) {
    if (end < observed.count && observed.segment[end] === observed.segment[begin]) continue
    const found = end - begin >= SHORTEST_SEGMENT ? splitOf(rest, begin, end) : undefined
    if (found && (!best || found.gain > best.gain)) best = { ...found, begin, end }
    begin = end
  }
  return best && atJump(rest, best)
}

/** A jump may fall into one observation, which then shows a part of it: so it is measured across two. */
function atJump(rest: Float64Array, split: { from: number; begin: number; end: number; up: number }): Step {
  let best = { from: split.from, jump: Number.NEGATIVE_INFINITY }
  for (let i = Math.max(split.begin + 2, split.from - NEARBY); i <= Math.min(split.end - 1, split.from + NEARBY); i++) {
    const jump = split.up * (at(rest, i) - at(rest, i - 2))
    if (jump > best.jump) best = { from: i, jump }
  }
  const { from } = best
  const early = (at(rest, from - 1) - at(rest, from - 2)) / (at(rest, from) - at(rest, from - 2))
  return { from, early: early > 0 && early < 1 ? early : early >= 1 ? 1 : 0 }
}

function splitOf(values: Float64Array, begin: number, end: number): { gain: number; from: number; up: number } {
  let total = 0
  for (let i = begin; i < end; i++) total += at(values, i)
  let best = { gain: -1, from: begin + SHORTEST_SIDE, up: 1 }
  let left = 0
  for (let i = begin; i < end - SHORTEST_SIDE; i++) {
    left += at(values, i)
    const size = i + 1 - begin
    if (size < SHORTEST_SIDE) continue
    const gain = (left * left) / size + (total - left) ** 2 / (end - begin - size) - (total * total) / (end - begin)
    if (gain > best.gain) best = { gain, from: i + 1, up: left / size < (total - left) / (end - begin - size) ? 1 : -1 }
  }
  return best
}

function centred(values: Float64Array, { segment, segments }: Observations): Float64Array {
  const sums = new Float64Array(segments)
  const sizes = new Float64Array(segments)
  values.forEach((value, i) => {
    const s = segment[i] ?? 0
    sums[s] = at(sums, s) + value
    sizes[s] = at(sizes, s) + 1
  })
  return values.map((value, i) => value - at(sums, segment[i] ?? 0) / at(sizes, segment[i] ?? 0))
}

/** The part of `values` that `regressor` does not explain. */
function without(values: Float64Array, regressor: Float64Array, count: number): Float64Array {
  let product = 0
  let square = 0
  for (let i = 0; i < count; i++) {
    product += at(values, i) * at(regressor, i)
    square += at(regressor, i) ** 2
  }
  const factor = square > 0 ? product / square : 0
  return values.map((value, i) => value - factor * at(regressor, i))
}
