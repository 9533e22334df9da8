import { z } from 'zod'
import type { Person } from '../domain/event.ts'
import { personIn, recordId, requestKey, slackId, slackPerson } from './identity.ts'

/** What incbot's buttons ask for, as their action ids begin. */
const VERBS = ['remediate', 'remediate-why', 'glass', 'abort', 'extend'] as const
export type Verb = (typeof VERBS)[number]

/** A press of one of incbot's own buttons. */
export interface Click {
  readonly verb: Verb
  readonly incidentId: string
  readonly remediationId: string
  readonly by: Person
  readonly channel: string
  /** The same press has the same key. */
  readonly key: string
  /** Opens a dialog, once and for three seconds. */
  readonly triggerId: string
}

const ts = z.string().regex(/^\d{1,12}\.\d{1,9}$/)
const schema = z.object({
  ...slackPerson,
  channel: z.object({ id: slackId }),
  container: z.object({ message_ts: ts }),
  trigger_id: z.string().max(500).default(''),
  actions: z
    .array(
      z.object({
        action_id: z.string().max(255),
        value: z.string().max(500),
        action_ts: ts,
      }),
    )
    .length(1),
})

/** Reads a `block_actions` payload; undefined when it is none of incbot's buttons, or one that incbot did not make like this. */
export function readClick(body: unknown): Click | undefined {
  const parsed = schema.safeParse(body)
  if (!parsed.success) return undefined
  const { channel, container, actions, trigger_id } = parsed.data
  const [action] = actions
  const by = personIn(parsed.data)
  const ids = action?.value.split('|') ?? []
  const [incidentId, remediationId] = ids
  if (ids.length !== 2 || !isRecordId(incidentId) || !isRecordId(remediationId)) return undefined
  const verb = VERBS.find((one) => action?.action_id === `${one}:${remediationId}`)
  if (action === undefined || verb === undefined || by === undefined) return undefined
  return {
    verb,
    incidentId,
    remediationId,
    by,
    channel: channel.id,
    key: requestKey('click', container.message_ts, action.action_ts, by.user, remediationId),
    triggerId: trigger_id,
  }
}

function isRecordId(id: string | undefined): id is string {
  return recordId.safeParse(id).success
}
