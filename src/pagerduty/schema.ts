import { z } from 'zod'
import { manyLines, oneLine, webUrl } from './text.ts'

/** Each decodes a whole body, so that one is enough for all; making one costs as much as reading a webhook. */
const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** `undefined` for anything that is not JSON in UTF-8: the schema then refuses it. */
export function jsonIn(rawBody: Buffer): unknown {
  try {
    return JSON.parse(UTF8.decode(rawBody))
  } catch {
    return undefined
  }
}

/** Of the name that a reference carries. */
export const NAME_LENGTH = 300

const REFERENCE_ID = /^[A-Za-z0-9_-]{1,64}$/

/** Names in URLs and records: letters and digits today, and never anything that could leave a path segment. */
export const referenceId = z.string().regex(REFERENCE_ID, 'expected a PagerDuty id')
export const isReferenceId = (value: unknown): value is string => typeof value === 'string' && REFERENCE_ID.test(value)
export const eventId = z.string().regex(/^[A-Za-z0-9_.:-]{1,128}$/, 'expected an event id')

/** Text for people to read, on one line; too long is cut, not refused. */
export const line = (maxLength: number) => z.string().transform((text) => oneLine(text, maxLength))
export const lines = (maxLength: number) => z.string().transform((text) => manyLines(text, maxLength))

/** ISO 8601 with any offset. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine((text) => !Number.isNaN(Date.parse(text)), 'expected a time that exists')

/** An `instant` in UTC with milliseconds. */
export const inUtc = (text: string): string => new Date(text).toISOString()
export const moment = instant.transform(inUtc)

/** What is nice to have: absent, `null` or of the wrong shape are the same, and never a reason to refuse an incident. */
export const optional = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined)

export const link = z.string().transform(webUrl)

/** A reference as PagerDuty writes one everywhere; the summary is the name. */
export const reference = z.object({ id: referenceId, summary: optional(line(NAME_LENGTH)) })

/** The first problem in words: where, and what was expected. Never quotes the input. */
export function firstProblem(error: z.ZodError, under = ''): string {
  const issue = error.issues[0]
  const path = [under, ...(issue?.path ?? []).map(String)].filter((part) => part !== '').join('.')
  return oneLine(`${path || 'body'}: ${issue?.message ?? 'not understood'}`, 300)
}
