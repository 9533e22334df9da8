import type { Person } from '../domain/event.ts'
import type { Logger } from '../pipeline/ports.ts'
import type { SlackCall } from './api.ts'

/** Which of `groups` (user group ids) the person is in; `unknown` when Slack does not say in time. */
export type GroupsOf = (
  person: Person,
  groups: readonly string[],
  signal: AbortSignal,
) => Promise<readonly string[] | 'unknown'>

const FRESH_MS = 60_000
const DEADLINE_MS = 2_000

/** Asks Slack for members of user groups, and believes an answer for a minute. */
export function createGroups(deps: {
  readonly call: SlackCall
  readonly now: () => number
  readonly log: Logger
}): GroupsOf {
  const cache = new Map<
    string,
    { readonly askedAt: number; readonly members: Promise<readonly string[] | 'unknown'> }
  >()

  async function ask(group: string): Promise<readonly string[] | 'unknown'> {
    try {
      const { users } = await deps.call('usergroups.users.list', { usergroup: group }, AbortSignal.timeout(DEADLINE_MS))
      if (Array.isArray(users)) return users.filter((user) => typeof user === 'string')
    } catch (error) {
      deps.log.warn({ err: error, group }, 'Slack does not say who is in a user group')
    }
    cache.delete(group)
    return 'unknown'
  }

  function members(group: string): Promise<readonly string[] | 'unknown'> {
    const known = cache.get(group)
    if (known !== undefined && deps.now() - known.askedAt < FRESH_MS) return known.members
    const asked = { askedAt: deps.now(), members: ask(group) }
    cache.set(group, asked)
    return asked.members
  }

  return async (person, groups, signal) => {
    const answers = await unlessAborted(Promise.all(groups.map(members)), signal)
    if (answers === undefined) return 'unknown'
    const isIn = groups.filter((_, index) => answers[index] !== 'unknown' && answers[index]?.includes(person.user))
    // One group that counts is enough; without any, a group that is not known might have been it.
    return isIn.length === 0 && answers.includes('unknown') ? 'unknown' : isIn
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const give = (): void => resolve(undefined)
    signal.addEventListener('abort', give, { once: true })
    work.finally(() => signal.removeEventListener('abort', give)).then(resolve, reject)
  })
}
