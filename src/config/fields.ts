import { z } from 'zod'
import { parseDuration, parseSize } from './quantities.ts'

/** Text such as "5m", read as milliseconds. */
export function duration(): z.ZodType<number, string> {
  const error = 'expected a duration such as 90s, 5m or 2h'
  return z
    .string({ error })
    .meta({ description: 'A duration: 90s, 5m, 2h, 1h30m, 7d.' })
    .transform((text, context) => {
      const ms = parseDuration(text)
      if (ms !== undefined) return ms
      context.issues.push({ code: 'invalid_format', format: 'duration', message: error, input: text })
      return z.NEVER
    })
}

/** Whether a text is a size such as "32GB". */
export function isSize(text: string): boolean {
  return parseSize(text) !== undefined
}

function matching(pattern: RegExp, expected: string): z.ZodString {
  return z.string().regex(pattern, { error: `expected ${expected}` })
}

/** A name that files refer to; it also stands in commands and in URLs. */
export const name = matching(
  /^[a-z0-9][a-z0-9._-]{0,62}$/,
  'a name of lower-case letters, digits, dots, dashes and underscores, at most 63',
)

export const slackChannel = matching(
  /^[CG][A-Z0-9]{2,20}$/,
  'a Slack channel id such as C0123456789 (in Slack: channel details, at the bottom), not its name',
)
const slackUser = matching(
  /^[UW][A-Z0-9]{2,20}$/,
  'a Slack member id such as U0123456789 (in Slack: profile, ⋮, copy member ID)',
)
const slackGroup = matching(/^S[A-Z0-9]{2,20}$/, 'a Slack user group id such as S0123456789, not its handle')
export const slackWorkspace = matching(/^[TE][A-Z0-9]{2,20}$/, 'a Slack workspace id such as T0123456789')
export const slackCommand = matching(/^\/[a-z0-9_-]{1,31}$/, 'a slash command such as /inc')
export const pagerdutyService = matching(
  /^[A-Z0-9]{3,20}$/,
  'a PagerDuty service id such as PABC123 (the last part of the service page’s address)',
)
export const pagerdutyPolicy = matching(
  /^[A-Z0-9]{3,20}$/,
  'a PagerDuty escalation policy id such as PABC123 (the last part of its page’s address)',
)
export const environmentVariable = matching(
  /^[A-Z][A-Z0-9_]{0,127}$/,
  'the NAME of an environment variable such as PROMETHEUS_TOKEN, never the token itself',
)
export const promql = z.string().min(1, { error: 'expected a PromQL expression' }).meta({
  format: 'promql',
  description: 'A PromQL expression; $selector stands for the selector of the service.',
})
export const line = z
  .string()
  .min(1, { error: 'expected some text' })
  .max(1000, { error: 'expected at most 1000 characters' })

export const people = z.strictObject({ users: z.array(slackUser).default([]), groups: z.array(slackGroup).default([]) })
