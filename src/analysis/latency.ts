import { median, quantile } from './memory/numbers.ts'
import type { Points } from './points.ts'
import { valuesOf } from './points.ts'

/** Fewer pairs than this correlate by chance. */
const LEAST_PAIRS = 20
/** Memory that moves by less than this share of itself presses on nothing; its ripples follow the traffic, as latency does. */
const MOVES_FROM = 0.05
/** From this rank correlation on, latency is said to go with memory. */
const GOES_WITH = 0.6

export type LatencySignal = 'p99_up_with_memory' | 'p99_up' | 'p99_normal'

/** `correlation` is Spearman's, −1 to 1; undefined where memory is not known. */
export function latencySignal(isUp: boolean, correlation: number | undefined): LatencySignal {
  if (!isUp) return 'p99_normal'
  return correlation !== undefined && correlation >= GOES_WITH ? 'p99_up_with_memory' : 'p99_up'
}

/** Rank correlation of latency with memory; undefined where memory hardly moves, or there is too little to compare. */
export function latencyWithMemory(latency: Points, memoryBytes: Points): number | undefined {
  const values = valuesOf(memoryBytes)
  const [low, high] = [quantile(values, 0.05), quantile(values, 0.95)]
  return high - low >= MOVES_FROM * high ? spearman(latency, memoryBytes) : undefined
}

/**
 * Spearman's rank correlation of two series at the moments that both have: it asks whether one rises with the other, not whether along
 * a straight line, and latency under memory pressure bends sharply. Undefined below 20 pairs, and where either never changes.
 * (Spearman 1904; ties share their mean rank.)
 */
export function spearman(one: Points, other: Points): number | undefined {
  const values = new Map(other)
  const pairs = one.flatMap(([at, a]) => {
    const b = values.get(at)
    return b === undefined ? [] : [[a, b] as const]
  })
  if (pairs.length < LEAST_PAIRS) return undefined
  return pearson(ranks(pairs.map(([a]) => a)), ranks(pairs.map(([, b]) => b)))
}

function ranks(values: readonly number[]): readonly number[] {
  const order = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  const out: number[] = Array.from({ length: values.length }, () => 0)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to += 1
    for (const index of order.slice(from, to)) out[index] = (from + to - 1) / 2
    from = to
  }
  return out
}

function pearson(a: readonly number[], b: readonly number[]): number | undefined {
  const middle = (a.length - 1) / 2
  let [together, ofA, ofB] = [0, 0, 0]
  a.forEach((rank, index) => {
    const [x, y] = [rank - middle, (b[index] ?? middle) - middle]
    together += x * y
    ofA += x * x
    ofB += y * y
  })
  return ofA === 0 || ofB === 0 ? undefined : together / Math.sqrt(ofA * ofB)
}

/** Below this nothing is being swapped that anybody would notice. */
const NOTICEABLE_BYTES = 2 ** 20

/**
 * Memory in swap now, and how much more that is than at the beginning of the stretch. What lies in swap and stays there was put there
 * once and costs nothing; what rises is memory pressure now. Undefined of no points.
 */
export function swapping(
  swapBytes: Points,
): { readonly usedBytes: number; readonly risenBytes: number; readonly isRising: boolean } | undefined {
  const values = valuesOf(swapBytes)
  if (values.length === 0) return undefined
  const third = Math.max(1, Math.floor(values.length / 3))
  const usedBytes = values.at(-1) ?? 0
  const risenBytes = median(values.slice(-third)) - median(values.slice(0, third))
  return { usedBytes, risenBytes, isRising: risenBytes >= Math.max(NOTICEABLE_BYTES, 0.05 * usedBytes) }
}
