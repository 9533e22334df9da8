import { believed } from '../ops/believed.ts'
import type { Directory, Logger } from '../pipeline/ports.ts'
import type { SlackCall } from './api.ts'

/** Which of `groups` (user group ids) the person is in; `unknown` when Slack does not say in time. */
export type GroupsOf = Directory['groupsOf']

const FRESH_MS = 60_000
const DEADLINE_MS = 2_000

/** Asks Slack for members of user groups, and believes an answer for a minute. */
export function createGroups(deps: {
  readonly call: SlackCall
  readonly now: () => number
  readonly log: Logger
}): GroupsOf {
  const members = believed({
    freshMs: FRESH_MS,
    deadlineMs: DEADLINE_MS,
    now: deps.now,
    async ask(usergroup, signal) {
      const { users } = await deps.call('usergroups.users.list', { usergroup }, signal)
      if (!Array.isArray(users)) throw new TypeError('usergroups.users.list answered without users')
      return users.filter((user) => typeof user === 'string')
    },
    onUnknown: (group, error) => deps.log.warn({ err: error, group }, 'Slack does not say who is in a user group'),
  })

  return async (person, groups, signal) => {
    const answers = await Promise.all(groups.map((group) => members(group, signal)))
    const isIn = groups.filter((_, index) => answers[index] !== 'unknown' && answers[index]?.includes(person.user))
    // One group that counts is enough; without any, a group that is not known might have been it.
    return isIn.length === 0 && answers.includes('unknown') ? 'unknown' : isIn
  }
}
