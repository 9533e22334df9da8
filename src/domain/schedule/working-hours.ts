import { addDays, localTime, momentOf, weekdayOf } from './local-time.ts'

/** When people are at work anyway. */
export interface WorkingHours {
  /** 0 (Sunday) to 6; at least one. */
  readonly days: readonly number[]
  /** Minutes after midnight; `toMinute` is the later one, at most 1440. */
  readonly fromMinute: number
  readonly toMinute: number
  readonly timeZone: string
}

/** Monday to Friday, nine to five: where nothing else is said. */
export const USUAL_HOURS: Omit<WorkingHours, 'timeZone'> = { days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1020 }

/** The service's own, or the usual ones where its people are. */
export function workingHoursOf({
  workingHours,
  timeZone,
}: {
  readonly workingHours?: WorkingHours
  readonly timeZone?: string
}): WorkingHours {
  return workingHours ?? { ...USUAL_HOURS, timeZone: timeZone ?? 'UTC' }
}

/** When working hours begin next, after `now`. Both in ms since the epoch. */
export function nextWorkBegins({ days, fromMinute, timeZone }: WorkingHours, now: number): number {
  const today = localTime(now, timeZone)
  // A week and a day: where people work on one day of the week, and that is today, and it has begun.
  for (let ahead = 0; ahead <= 8; ahead += 1) {
    const date = addDays(today, ahead)
    const begins = momentOf(date, fromMinute, timeZone)
    if (days.includes(weekdayOf(date)) && begins > now) return begins
  }
  throw new RangeError('Working hours without a day')
}

/** Whether people are at work at this moment. */
export function isWorkTime({ days, fromMinute, toMinute, timeZone }: WorkingHours, at: number): boolean {
  const { weekday, hour, minute } = localTime(at, timeZone)
  const now = hour * 60 + minute
  return days.includes(weekday) && now >= fromMinute && now < toMinute
}
