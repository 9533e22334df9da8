/** A moment as a clock on a wall shows it. `month` 1 to 12, `weekday` 0 (Sunday) to 6. */
export interface LocalTime extends LocalDate {
  readonly hour: number
  readonly minute: number
  readonly weekday: number
}

export interface LocalDate {
  readonly year: number
  readonly month: number
  readonly day: number
}

const DAY_MS = 86_400_000
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

/** What clocks show there. `at` in ms since the epoch; `timeZone` is one that `Intl` knows. */
export function localTime(at: number, timeZone: string): LocalTime {
  const parts = formatOf(timeZone).formatToParts(at)
  const number = (name: string): number => Number(parts.find(({ type }) => type === name)?.value)
  const date = { year: number('year'), month: number('month'), day: number('day') }
  return { ...date, hour: number('hour'), minute: number('minute'), weekday: weekdayOf(date) }
}

/** Making one costs a hundred times what using it does. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const
  const how = { timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', ...numeric } as const
  const format = new Intl.DateTimeFormat('en-US', how)
  formats.set(timeZone, format)
  return format
}

/** 0 is Sunday. */
export function weekdayOf({ year, month, day }: LocalDate): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay()
}

/** The date so many days later. */
export function addDays({ year, month, day }: LocalDate, days: number): LocalDate {
  const moved = new Date(Date.UTC(year, month - 1, day + days))
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() }
}

/** Every moment at which clocks there show this: one, none in the hour that is left out in spring, two in the one that comes twice in autumn. */
export function momentsOf(date: LocalDate, minuteOfDay: number, timeZone: string): readonly number[] {
  const asUtc = Date.UTC(date.year, date.month - 1, date.day) + minuteOfDay * 60_000
  const candidates = new Set([asUtc - DAY_MS, asUtc + DAY_MS].map((near) => asUtc - offsetMs(near, timeZone)))
  return [...candidates].filter((at) => at + offsetMs(at, timeZone) === asUtc).toSorted((left, right) => left - right)
}

/** The moment at which clocks there show this; the first of two, and where it is left out, as long after the gap as it lies in it. */
export function momentOf(date: LocalDate, minuteOfDay: number, timeZone: string): number {
  const [first] = momentsOf(date, minuteOfDay, timeZone)
  if (first !== undefined) return first
  const asUtc = Date.UTC(date.year, date.month - 1, date.day) + minuteOfDay * 60_000
  return asUtc - offsetMs(asUtc - DAY_MS, timeZone)
}

function offsetMs(at: number, timeZone: string): number {
  const whole = Math.floor(at / 60_000) * 60_000
  const { year, month, day, hour, minute } = localTime(whole, timeZone)
  return Date.UTC(year, month - 1, day, hour, minute) - whole
}

const WEEK_MS = 6 * DAY_MS
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** "Sat 12:10", as clocks there show it; "Sat 21 Mar 12:10" where the day of the week alone could be another one than of those around `near`. */
export function formatLocal(at: number, timeZone: string, near: number): string {
  const { weekday, day, month, hour, minute } = localTime(at, timeZone)
  const date = Math.abs(at - near) < WEEK_MS ? '' : `${day} ${MONTHS[month - 1] ?? ''} `
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${WEEKDAYS[weekday] ?? ''} ${date}${two(hour)}:${two(minute)}`
}
