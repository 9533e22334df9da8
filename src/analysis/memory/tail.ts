import type { Buckets } from './buckets.ts'
import type { Fit } from './evidence.ts'
import { driverOf } from './growth.ts'
import { at, median } from './numbers.ts'
import type { Observations } from './observations.ts'
import type { Regressors } from './regressors.ts'

const FEWEST = 6
const MOST = 24

/**
 * Whether the last third of the current segment still grows as the model says: the median slope between all its pairs
 * (Theil 1950, Sen 1968), after traffic and the collector's phase, over the slope that the model wants. 1 where there is too little to say.
 */
export function tailRatio(fit: Fit, observed: Observations, buckets: Buckets, { traffic, phase }: Regressors): number {
  const begin = observed.segment.indexOf(observed.segment[observed.count - 1] ?? 0)
  const length = observed.count - begin
  const tail = thinned(
    Array.from({ length: Math.max(FEWEST, Math.floor(length / 3)) }, (_, i) => observed.count - 1 - i)
      .filter((i) => i >= begin)
      .reverse(),
  )
  const first = tail[0]
  const end = tail[tail.length - 1]
  if (tail.length < FEWEST || first === undefined || end === undefined) return 1
  const hours = (i: number) => at(buckets.hours, observed.bucket[i] ?? 0)
  const driver = driverOf(fit)
  const wanted =
    (fit.coefficients[fit.coefficients.length - 1] ?? 0) * (at(driver.values, end) - at(driver.values, first))
  if (wanted <= (fit.model.driver === 'deploys' ? 1 : 0)) return 1
  const rest = (i: number) =>
    fit.model.regressors.reduce(
      (left, regressor, r) =>
        regressor === traffic || regressor === phase
          ? left - (fit.coefficients[r] ?? 0) * at(regressor.values, i)
          : left,
      at(observed.level, i),
    )
  const slopes = tail.flatMap((i, a) => tail.slice(a + 1).map((j) => (rest(j) - rest(i)) / (hours(j) - hours(i))))
  return (median(slopes) * (hours(end) - hours(first))) / wanted
}

function thinned(indices: readonly number[]): readonly number[] {
  const stride = Math.ceil(indices.length / MOST)
  return indices.filter((_, i) => i % stride === 0)
}
