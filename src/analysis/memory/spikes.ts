import { at, median, median3, tabulate } from './numbers.ts'

/** Samples that stand out this many robust standard deviations from their neighbours are spikes. */
const SPIKE_SIGMAS = 6
/** Samples looked at for the usual distance. */
const SPREAD_SAMPLES = 256

/** Marks samples far from the median of the five around them (Hampel's identifier), by the robust spread of all such distances. */
export function findSpikes(level: Float64Array): Uint8Array {
  const count = level.length
  const spikes = new Uint8Array(count)
  if (count < 5) return spikes
  const distance = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const from = Math.max(0, Math.min(i - 2, count - 5))
    distance[i] = Math.abs(at(level, i) - median5(level, from))
  }
  const stride = Math.max(1, Math.ceil(count / SPREAD_SAMPLES))
  const some = tabulate(Math.ceil(count / stride), (i) => at(distance, i * stride))
  const reach = SPIKE_SIGMAS * 1.4826 * median(some) + 1e-9
  for (let i = 0; i < count; i++) if (at(distance, i) > reach) spikes[i] = 1
  return spikes
}

/** The median of five values from `from` on: the lesser and the greater half of four, then the middle of what can still be it. */
function median5(values: Float64Array, from: number): number {
  const a = at(values, from)
  const b = at(values, from + 1)
  const c = at(values, from + 2)
  const d = at(values, from + 3)
  const low = Math.max(Math.min(a, b), Math.min(c, d))
  const high = Math.min(Math.max(a, b), Math.max(c, d))
  return median3(low, high, at(values, from + 4))
}
