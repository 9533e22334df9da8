import { parseCron } from '../domain/schedule/cron.ts'
import type { DigestPlan, Rhythm, ScheduledCheck } from '../domain/schedule/schedule.ts'
import { USUAL_HOURS, type WorkingHours } from '../domain/schedule/working-hours.ts'
import { DAYS, type DigestEntry, type ScheduleEntry, type WorkingHoursEntry } from './schedule-schema.ts'

/** The service's own hours over those for all over the usual ones. A zone that is said for the service is nearer than one for all. */
export function toWorkingHours(
  own: WorkingHoursEntry | undefined,
  shared: WorkingHoursEntry | undefined,
  timeZone: string | undefined,
): WorkingHours {
  const { days, from, to } = { ...shared, ...own }
  return {
    days: days?.map((day) => DAYS.indexOf(day)) ?? USUAL_HOURS.days,
    fromMinute: minuteOf(from) ?? USUAL_HOURS.fromMinute,
    toMinute: minuteOf(to) ?? USUAL_HOURS.toMinute,
    timeZone: own?.timeZone ?? timeZone ?? shared?.timeZone ?? 'UTC',
  }
}

/** Minutes after midnight of "09:30". */
export function minuteOf(text: string | undefined): number | undefined {
  const [, hour, minute] = /^(\d\d):(\d\d)$/.exec(text ?? '') ?? []
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute)
}

export function toScheduledCheck(name: string, { services, runbook, ...when }: ScheduleEntry): ScheduledCheck {
  return { name, rhythm: toRhythm(when), ...(services && { services }), runbook }
}

export function toDigest({ cron, timeZone = 'UTC', channel, whenEmpty }: DigestEntry, fallback: string): DigestPlan {
  return { rhythm: toRhythm({ cron, timeZone }), channel: channel ?? fallback, timeZone, whenEmpty }
}

function toRhythm({ cron, timeZone = 'UTC', every }: Pick<ScheduleEntry, 'cron' | 'timeZone' | 'every'>): Rhythm {
  const parsed = parseCron(cron ?? '')
  // That one of the two is there, and right, was checked before.
  return 'problem' in parsed ? { everyMs: every ?? Number.NaN } : { cron: parsed, timeZone }
}
