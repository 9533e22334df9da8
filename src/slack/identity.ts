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

/** Ids of incidents and remediations, as incbot makes them. */
export const recordId = z.string().regex(/^[\w.:~-]{1,200}$/)

/** Who pressed or submitted, in every interaction's payload. */
export const slackPerson = {
  team: z.object({ id: slackId }).nullish(),
  user: z.object({ id: slackId, team_id: slackId.optional(), name: displayName }),
}

/** Their own workspace where Slack names it: people of others are in shared channels. Undefined where it names none. */
export function personIn({ team, user }: z.infer<z.ZodObject<typeof slackPerson>>): Person | undefined {
  const workspace = user.team_id ?? team?.id
  return workspace === undefined ? undefined : { workspace, user: user.id, ...named(user.name) }
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
