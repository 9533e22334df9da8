import { z } from 'zod'
import type { PersonFacts } from '../domain/authorize.ts'
import { believed } from '../ops/believed.ts'
import type { Directory, Logger } from '../pipeline/ports.ts'
import type { SlackCall } from './api.ts'

/** What Slack says about a person; `unknown` when it does not say in time. */
export type FactsOf = Directory['factsOf']

const FRESH_MS = 60_000
const DEADLINE_MS = 2_000
/** Slack's own account, which Slack does not call a bot. */
const SLACKBOT = 'USLACKBOT'

/** Slack leaves out what does not apply, and most of it for closed accounts. */
const flag = z.boolean().optional()
const schema = z.object({
  id: z.string(),
  deleted: flag,
  is_bot: flag,
  is_workflow_bot: flag,
  is_restricted: flag,
  is_ultra_restricted: flag,
  is_stranger: flag,
  is_email_confirmed: flag,
  profile: z.object({ email: z.string().max(254).optional() }).optional(),
})

/** Asks Slack who somebody is, and believes an answer for a minute. */
export function createPeople(deps: {
  readonly call: SlackCall
  readonly now: () => number
  readonly log: Logger
}): FactsOf {
  const facts = believed({
    freshMs: FRESH_MS,
    deadlineMs: DEADLINE_MS,
    now: deps.now,
    async ask(user, signal) {
      const answer = await deps.call('users.info', { user }, signal)
      const said = schema.parse(answer.user)
      if (said.id !== user) throw new TypeError('users.info answered about somebody else')
      return factsFrom(said)
    },
    onUnknown: (user, error) => deps.log.warn({ err: error, user }, 'Slack does not say who somebody is'),
  })
  return ({ user }, signal) => facts(user, signal)
}

function factsFrom(said: z.infer<typeof schema>): PersonFacts {
  const email = said.is_email_confirmed === true ? said.profile?.email?.trim().toLowerCase() : undefined
  return {
    ...(email && { email }),
    bot: said.is_bot === true || said.is_workflow_bot === true || said.id === SLACKBOT,
    guest: said.is_restricted === true || said.is_ultra_restricted === true || said.is_stranger === true,
    deactivated: said.deleted === true,
  }
}
