import { z } from 'zod'
import type { Person } from '../domain/event.ts'
import { displayName, named, requestKey, slackId } from './identity.ts'

/** A press of one of incbot's own buttons. */
export interface Click {
  readonly incidentId: string
  readonly remediationId: string
  readonly by: Person
  readonly channel: string
  /** The same press has the same key. */
  readonly key: string
}

const ts = z.string().regex(/^\d{1,12}\.\d{1,9}$/)
const schema = z.object({
  team: z.object({ id: slackId }).nullish(),
  user: z.object({ id: slackId, team_id: slackId.optional(), name: displayName }),
  channel: z.object({ id: slackId }),
  container: z.object({ message_ts: ts }),
  actions: z
    .array(
      z.object({
        action_id: z.string().max(255).startsWith('remediate:'),
        value: z.string().regex(/^[\w.:-]{1,200}\|[\w.:-]{1,200}$/),
        action_ts: ts,
      }),
    )
    .length(1),
})

/** Reads a `block_actions` payload; undefined when it is none of incbot's buttons, or one that incbot did not make like this. */
export function readClick(body: unknown): Click | undefined {
  const parsed = schema.safeParse(body)
  if (!parsed.success) return undefined
  const { team, user, channel, container, actions } = parsed.data
  const [action] = actions
  const [incidentId = '', remediationId = ''] = action?.value.split('|') ?? []
  const workspace = user.team_id ?? team?.id
  if (action?.action_id !== `remediate:${remediationId}` || workspace === undefined) return undefined
  return {
    incidentId,
    remediationId,
    by: { workspace, user: user.id, ...named(user.name) },
    channel: channel.id,
    key: requestKey('click', container.message_ts, action.action_ts, user.id, remediationId),
  }
}
