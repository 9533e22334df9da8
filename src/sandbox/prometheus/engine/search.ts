/** The first index at or after `from` whose time is greater than `limit`; the length when none is. */
export function firstAfter(times: readonly number[], limit: number, from = 0): number {
  let low = from
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? 0) > limit) high = middle
    else low = middle + 1
  }
  return low
}

/** The first index at or after `from` whose time is not less than `limit`; the length when none is. */
export function firstAtOrAfter(times: readonly number[], limit: number, from = 0): number {
  return firstAfter(times, limit - 1, from)
}
