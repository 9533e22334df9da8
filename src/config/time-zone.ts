import { z } from 'zod'

/** Whether this Node knows the zone; `UTC` is one. */
function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

export const timeZone = z
  .string()
  .refine(isTimeZone, { error: 'expected a time zone such as Europe/Berlin or America/New_York' })
