import { fieldsOf } from '../domain/fields.ts'
import { isReferenceId, NAME_LENGTH } from './schema.ts'
import { oneLine } from './text.ts'

/*
 * What is nice to have in PagerDuty's data: absent, `null` or of the wrong shape are the same, and never a reason to refuse an incident. Plain
 * functions, because a schema that forgives costs every webhook more than reading all the rest of it.
 */

/** As PagerDuty writes one everywhere; the summary is the name. */
export interface Reference {
  readonly id: string
  readonly summary: string | undefined
}

export function textIn(value: unknown, maxLength: number): string | undefined {
  return typeof value === 'string' ? oneLine(value, maxLength) : undefined
}

export function countIn(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined
}

export function referenceIn(value: unknown): Reference | undefined {
  const { id, summary } = fieldsOf(value)
  return isReferenceId(id) ? { id, summary: textIn(summary, NAME_LENGTH) } : undefined
}

/** Those that can be read, of the first `most`. */
export function referencesIn(value: unknown, most: number): readonly Reference[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, most).flatMap((one) => referenceIn(one) ?? [])
}
