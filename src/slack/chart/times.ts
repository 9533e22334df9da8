import { scaleUtc } from 'd3-scale'
import { utcDay, utcYear } from 'd3-time'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** From this distance on, times of day no longer say which day is meant. */
const DATED_FROM_MS = 6 * 60 * MINUTE_MS

export interface TimeTick {
  readonly at: number
  readonly label: string
  /** The day begins here. */
  readonly midnight: boolean
}

/** About `count` round moments in UTC with the time of day, or the date at midnight where the axis is long. */
export function timeTicks(from: number, to: number, count: number): readonly TimeTick[] {
  const moments = scaleUtc([from, to], [0, 1]).ticks(count)
  const step = (moments[1]?.getTime() ?? to) - (moments[0]?.getTime() ?? from)
  return moments.map((moment) => {
    const midnight = utcDay.floor(moment).getTime() === moment.getTime()
    return {
      at: moment.getTime(),
      label: midnight && step >= DATED_FROM_MS ? dayLabel(moment, step) : timeOfDay(moment, step),
      midnight,
    }
  })
}

/** The days that the axis spans, said once so that a picture without its message still has a date: "21–22 Nov 2025, UTC". */
export function period(from: number, to: number): string {
  const first = new Date(from)
  const last = new Date(to)
  const sameYear = first.getUTCFullYear() === last.getUTCFullYear()
  const sameMonth = sameYear && first.getUTCMonth() === last.getUTCMonth()
  const end = `${day(last)} ${last.getUTCFullYear()}, UTC`
  if (utcDay.floor(first).getTime() === utcDay.floor(last).getTime()) return end
  if (sameMonth) return `${first.getUTCDate()}–${end}`
  return sameYear ? `${day(first)} – ${end}` : `${day(first)} ${first.getUTCFullYear()} – ${end}`
}

/** The time of day in a zone: "07:42". */
export function localTime(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
}

/** A zone as people call it: "Berlin" of "Europe/Berlin". */
export function zoneName(timeZone: string): string {
  return timeZone.split('/').at(-1)?.replaceAll('_', ' ') ?? timeZone
}

function dayLabel(moment: Date, stepMs: number): string {
  const newYear = utcYear.floor(moment).getTime() === moment.getTime()
  return newYear && stepMs > 27 * DAY_MS ? String(moment.getUTCFullYear()) : day(moment)
}

function timeOfDay(moment: Date, stepMs: number): string {
  return moment.toISOString().slice(-13, stepMs < MINUTE_MS ? -5 : -8)
}

function day(moment: Date): string {
  return `${moment.getUTCDate()} ${MONTHS[moment.getUTCMonth()] ?? ''}`
}
