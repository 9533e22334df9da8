import { type Schedule, type ScheduleOptions, startSchedule } from '../ops/schedule.ts'
import type { Store } from '../store/store.ts'

/** PagerDuty retries for 48 h, and what is older is not acted on: a key is needed no longer than that. */
const KEPT_MS = 50 * 3_600_000

/** Forgets, once an hour, the keys by which duplicates were recognised. */
export function startForgettingKeys({
  store,
  now,
  ...options
}: Pick<ScheduleOptions, 'log' | 'coordinator'> & {
  readonly store: Pick<Store, 'forgetKeys'>
  readonly now: () => number
}): Schedule {
  return startSchedule({
    ...options,
    name: 'forget-keys',
    everyMs: 3_600_000,
    run: async () => {
      await store.forgetKeys(now() - KEPT_MS)
    },
  })
}
