import { z } from 'zod'
import { parseCron } from '../domain/schedule/cron.ts'
import { duration, name, slackChannel } from './fields.ts'
import { timeZone } from './time-zone.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** Days as they are written, from Sunday on. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

const timeOfDay = z
  .string()
  .regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: 'expected a time of day such as 09:00, up to 24:00' })

/** When people are at work; what is absent is as said for all services, or usual. */
export const workingHours = z.strictObject({
  days: z
    .array(z.enum(DAYS))
    .min(1, { error: 'expected at least one day' })
    .describe('Monday to Friday where absent.')
    .exactOptional(),
  from: timeOfDay.describe('09:00 where absent.').exactOptional(),
  to: timeOfDay.describe('17:00 where absent; after from.').exactOptional(),
  timeZone: timeZone.describe('That of the service, or UTC, where absent.').exactOptional(),
})

const cron = z
  .string()
  .superRefine((text, context) => {
    const parsed = parseCron(text)
    if ('problem' in parsed) context.addIssue({ code: 'custom', message: parsed.problem })
  })
  .describe('Five fields as in crontab: minute, hour, day of the month, month, day of the week.')

const rhythm = {
  cron: cron.exactOptional(),
  timeZone: timeZone.describe('Whose clocks cron goes by; UTC where absent.').exactOptional(),
}

/** One entry of `schedule:`. */
export const scheduleEntry = z.strictObject({
  ...rhythm,
  every: duration()
    .refine((ms) => ms >= MINUTE_MS && ms <= DAY_MS, { error: 'expected 1m to 24h; for more, use cron' })
    .describe('Instead of cron: how often, 1m to 24h.')
    .exactOptional(),
  services: z
    .array(name)
    .min(1, { error: 'expected at least one service; leave it away for all of them' })
    .describe('Names of entries of services; all where absent.')
    .exactOptional(),
  runbook: name.describe('Name of the runbook whose checks are run.'),
})

export const digest = z.strictObject({
  cron,
  timeZone: rhythm.timeZone,
  channel: slackChannel.describe('slack.fallbackChannel where absent.').exactOptional(),
  whenEmpty: z
    .enum(['nothing', 'line'])
    .default('nothing')
    .describe('What is posted when there is nothing to hand over: nothing, or one quiet line.'),
})

export type WorkingHoursEntry = z.output<typeof workingHours>
export type ScheduleEntry = z.output<typeof scheduleEntry>
export type DigestEntry = z.output<typeof digest>
