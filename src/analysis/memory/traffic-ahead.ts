import type { Buckets } from './buckets.ts'
import { at } from './numbers.ts'

const DAY_HOURS = 24
/** Traffic of this last while is taken to go on where nothing better is known. */
const RECENT_HOURS = 1

/** Requests per second expected `hours` from now. */
export type TrafficAhead = (hours: number) => number

/** Yesterday's traffic of the same hour where the window reaches back that far, else that of the last hour. `undefined` without traffic. */
export function expectTraffic({ traffic, hours, now, count }: Buckets): TrafficAhead | undefined {
  if (!traffic) return undefined
  let sum = 0
  let known = 0
  for (let i = count - 1; i >= 0 && (known === 0 || now.hours - at(hours, i) <= RECENT_HOURS); i--) {
    if (Number.isNaN(at(traffic, i))) continue
    sum += at(traffic, i)
    known++
  }
  if (known === 0) return undefined
  const recent = sum / known
  return (ahead) => {
    const yesterday = now.hours + ahead - DAY_HOURS * Math.ceil(ahead / DAY_HOURS)
    if (yesterday < 0) return recent
    const seen = at(traffic, bucketAt(hours, yesterday))
    return Number.isNaN(seen) ? recent : seen
  }
}

/** Index of the last bucket that does not begin after `time`. */
function bucketAt(hours: Float64Array, time: number): number {
  let low = 0
  let high = hours.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (at(hours, middle) <= time) low = middle
    else high = middle - 1
  }
  return low
}
