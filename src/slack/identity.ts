import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Person } from '../domain/event.ts'

/** Ids as Slack makes them; anything else is not from Slack. */
export const slackId = z.string().regex(/^[A-Z0-9]{2,40}$/)

/** A name that people chose for themselves: short, on one line, or left out. */
export const displayName = z
  .string()
  .regex(/^[\p{L}\p{N} ._-]{1,60}$/u)
  .optional()
  .catch(undefined)

/** Part of a `Person`. */
export function named(name: string | undefined): Pick<Person, 'name'> {
  return name === undefined ? {} : { name }
}

/** One request has one key, however often it is delivered. */
export function requestKey(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

/** Why incbot does not listen to this person; undefined when it does. Shared channels bring in people of other workspaces. */
export function strangerProblem(person: Person, workspace: string | undefined): string | undefined {
  if (workspace === undefined || person.workspace === workspace) return undefined
  return 'This incbot works for another Slack workspace; nothing was started.'
}
