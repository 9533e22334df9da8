import type { Buckets } from './buckets.ts'
import type { Growth } from './growth.ts'
import { coefficientOf, type Fit } from './posterior.ts'
import type { Regressors } from './regressors.ts'
import { expectTraffic, type TrafficAhead } from './traffic-ahead.ts'

/** Percent of the limit gained within so many hours from now; to be asked for ever later hours. */
export type ExpectedRise = (hours: number) => number

const STEP_HOURS = 0.25

/** Growth plus what traffic does to the level; `undefined` where traffic plays no part, so that growth is a straight line. */
export function expectedRise(
  fit: Fit,
  growth: Growth,
  buckets: Buckets,
  { traffic }: Regressors,
): ExpectedRise | undefined {
  const perRequestRate = traffic ? coefficientOf(fit, traffic) / traffic.range : 0
  const ahead = expectTraffic(buckets)
  if (!ahead || (perRequestRate === 0 && fit.model.driver !== 'requests')) return undefined
  const now = ahead(0)
  const leaked =
    fit.model.driver === 'requests'
      ? servedWithin(ahead, growth.perUnit)
      : (hours: number) => hours * growth.percentPerHour
  return (hours) => leaked(hours) + perRequestRate * (ahead(hours) - now)
}

function servedWithin(ahead: TrafficAhead, percentPerRequest: number): ExpectedRise {
  let until = 0
  let percent = 0
  return (hours) => {
    while (until < hours) {
      until += STEP_HOURS
      percent += ahead(until) * percentPerRequest * STEP_HOURS * 3600
    }
    return percent
  }
}
