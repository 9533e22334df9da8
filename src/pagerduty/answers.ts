import { z } from 'zod'
import { labelsIn, scalarsIn } from './alert-labels.ts'
import { eventId, line, lines, link, moment, optional, reference, referenceId } from './schema.ts'

const milliseconds = moment.transform((iso) => Date.parse(iso))

export interface PagerDutyNote {
  readonly id: string
  readonly content: string
  readonly createdAt: number | undefined
  readonly userName: string | undefined
}

export const noteAnswer = z
  .object({
    id: referenceId,
    content: lines(25_000),
    created_at: optional(milliseconds),
    user: optional(reference),
  })
  .transform(
    (note): PagerDutyNote => ({
      id: note.id,
      content: note.content,
      createdAt: note.created_at,
      userName: note.user?.summary,
    }),
  )

export interface PagerDutyAlert {
  readonly id: string
  readonly summary: string
  readonly severity: string | undefined
  readonly createdAt: number | undefined
  /** Scalar members of the alert's `body.details`. */
  readonly details: Readonly<Record<string, string>>
  /** Labels of the monitor that raised it, where it sent them. */
  readonly labels: Readonly<Record<string, string>>
}

export const alertAnswer = z
  .object({
    id: referenceId,
    summary: optional(line(1000)),
    severity: optional(line(50)),
    created_at: optional(milliseconds),
    body: optional(z.object({ details: z.unknown().optional() })),
  })
  .transform(
    (alert): PagerDutyAlert => ({
      id: alert.id,
      summary: alert.summary ?? '',
      severity: alert.severity,
      createdAt: alert.created_at,
      details: scalarsIn(alert.body?.details),
      labels: labelsIn(alert.body?.details),
    }),
  )

export interface PagerDutyChange {
  readonly id: string
  readonly summary: string
  readonly at: number
  readonly source: string | undefined
  readonly url: string | undefined
}

export const changeAnswer = z
  .object({
    id: eventId,
    summary: line(1024),
    timestamp: milliseconds,
    source: optional(line(300)),
    links: optional(z.array(z.object({ href: optional(link) }))),
  })
  .transform(
    (change): PagerDutyChange => ({
      id: change.id,
      summary: change.summary,
      at: change.timestamp,
      source: change.source,
      url: change.links?.find(({ href }) => href !== undefined)?.href,
    }),
  )

export interface PagerDutyOnCall {
  readonly userId: string
  readonly name: string
  readonly email: string | undefined
  /** 1 is paged first. */
  readonly level: number
}

/** Not `max`: zod also asks what is no text for its length, and throws where that is an object that is no number. */
const email = z.email().refine((text) => text.length <= 254)

export const onCallAnswer = z
  .object({
    escalation_level: z.number().int(),
    user: z.object({
      id: referenceId,
      summary: optional(line(200)),
      name: optional(line(200)),
      email: optional(email),
    }),
  })
  .transform(
    ({ escalation_level: level, user }): PagerDutyOnCall => ({
      userId: user.id,
      name: user.name || user.summary || user.id,
      email: user.email,
      level,
    }),
  )

export const userAnswer = z.object({ user: z.object({ email: optional(email) }) }).transform(({ user }) => user.email)
