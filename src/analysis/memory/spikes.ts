import { median, medianOf } from './numbers.ts'

/** Samples that stand out this many robust standard deviations from their neighbours are spikes. */
const SPIKE_SIGMAS = 6
/** Samples looked at for the usual distance. */
const SPREAD_SAMPLES = 256

/** Marks samples far from the median of the five around them (Hampel's identifier), by the robust spread of all such distances. */
export function findSpikes(level: Float64Array): Uint8Array {
  const distance = level.map((value, i) => {
    const from = Math.max(0, Math.min(i - 2, level.length - 5))
    return Math.abs(value - medianOf(level, from, Math.min(from + 5, level.length)))
  })
  const stride = Math.max(1, Math.ceil(level.length / SPREAD_SAMPLES))
  const reach = SPIKE_SIGMAS * 1.4826 * median(distance.filter((_, i) => i % stride === 0)) + 1e-9
  return Uint8Array.from(distance, (far) => (far > reach ? 1 : 0))
}
