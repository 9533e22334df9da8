import { addDays, type LocalDate, localTime, momentOf, momentsOf, weekdayOf } from './local-time.ts'

/** A cron expression of five fields, as the values that each of them allows. */
export interface Cron {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly days: readonly number[]
  readonly months: readonly number[]
  readonly weekdays: readonly number[]
  /** Each hour, or each so many: then it goes by time that passes and not by what the clock shows when clocks are changed. */
  readonly isHourly: boolean
  /** Both day fields are given, and either may match. */
  readonly eitherDay: boolean
}

interface Field {
  readonly name: string
  readonly low: number
  readonly high: number
  readonly names?: readonly string[]
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const FIELDS: readonly Field[] = [
  { name: 'a minute', low: 0, high: 59 },
  { name: 'an hour', low: 0, high: 23 },
  { name: 'a day of the month', low: 1, high: 31 },
  { name: 'a month', low: 1, high: 12, names: MONTHS },
  { name: 'a day of the week', low: 0, high: 7, names: WEEKDAYS },
]
/** 29 February may be eight years away, around a century that is no leap year. */
const FARTHEST_DAYS = 8 * 366 + 1
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** crontab(5): minute, hour, day of the month, month, day of the week. What is wrong with it, in words, where it is none. */
export function parseCron(text: string): Cron | { readonly problem: string } {
  const written = text.trim().toLowerCase().split(/\s+/)
  if (written.length !== FIELDS.length)
    return { problem: 'expected five fields: minute, hour, day of the month, month, day of the week' }
  const values: (readonly number[])[] = []
  for (const [index, field] of FIELDS.entries()) {
    const allowed = valuesOf(written[index] ?? '', field)
    if (allowed === undefined) {
      const example =
        field.names === undefined ? `${field.low}-${field.high}, */2` : `${field.names.slice(1, 3).join(',')}`
      return { problem: `expected ${field.name} such as ${example}` }
    }
    values.push(allowed)
  }
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = values
  const [, hour = '', day = '', , weekday = ''] = written
  const cron: Cron = {
    minutes,
    hours,
    days,
    months,
    weekdays: [...new Set(weekdays.map((one) => one % 7))],
    isHourly: hour.startsWith('*'),
    eitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  }
  const comes = cron.eitherDay || months.some((month) => days.some((one) => one <= (LONGEST_MONTHS[month - 1] ?? 0)))
  return comes ? cron : { problem: 'expected a day that comes: no such month has it' }
}

function valuesOf(text: string, field: Field): readonly number[] | undefined {
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const found = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d{1,2}))?$/.exec(part)
    const [, first = '', last, stepText] = found ?? []
    const step = Number(stepText ?? 1)
    const from = first === '*' ? field.low : numberOf(first, field)
    const to =
      last === undefined ? (first === '*' || stepText !== undefined ? field.high : from) : numberOf(last, field)
    if (from === undefined || to === undefined || from > to || step < 1 || (first === '*' && last !== undefined))
      return undefined
    for (let value = from; value <= to; value += step) values.add(value)
  }
  return [...values]
}

function numberOf(text: string, { low, high, names }: Field): number | undefined {
  const named = names?.indexOf(text) ?? -1
  const value = named >= 0 ? named + low : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return value >= low && value <= high ? value : undefined
}

/**
 * The last moment at or before `now` (ms since the epoch) at which it was its turn; undefined where that was too long ago. As in Vixie's
 * cron, a time that is left out when clocks are set forward comes as much later, and one that comes twice counts once, unless it goes by the hour.
 */
export function latestTurn(cron: Cron, timeZone: string, now: number): number | undefined {
  const today = localTime(now, timeZone)
  for (let back = 0; back <= FARTHEST_DAYS; back += 1) {
    const date = addDays(today, -back)
    if (!isDay(cron, date)) continue
    const turns = cron.hours
      .flatMap((hour) => cron.minutes.map((minute) => hour * 60 + minute))
      .flatMap((time) => (cron.isHourly ? momentsOf(date, time, timeZone) : [momentOf(date, time, timeZone)]))
      .filter((at) => at <= now)
    if (turns.length > 0) return Math.max(...turns)
  }
  return undefined
}

function isDay({ days, months, weekdays, eitherDay }: Cron, date: LocalDate): boolean {
  if (!months.includes(date.month)) return false
  const [byDay, byWeekday] = [days.includes(date.day), weekdays.includes(weekdayOf(date))]
  return eitherDay ? byDay || byWeekday : byDay && byWeekday
}
