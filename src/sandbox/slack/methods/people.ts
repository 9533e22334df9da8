import { flag, id, integer, text } from '../arguments.ts'
import { type Method, method } from '../method.ts'
import { page } from '../paging.ts'
import { MethodRefusal } from '../refusal.ts'
import type { SlackState } from '../state.ts'
import type { SlackUser, SlackUserGroup } from '../types.ts'
import { identity, teamOf } from '../workspace.ts'

export const peopleMethods: readonly Method[] = [
  method({
    name: 'users.info',
    tier: 4,
    scopes: ['users:read'],
    args: { user: id, include_locale: flag.optional() },
    run: (args, state) => {
      const user = state.workspace.users.get(args.user)
      if (!user) throw new MethodRefusal('user_not_found')
      return { user: userView(state, user) }
    },
  }),
  method({
    name: 'users.list',
    tier: 2,
    scopes: ['users:read'],
    args: { cursor: text.optional(), limit: integer.optional(), include_locale: flag.optional() },
    run: (args, state) => {
      const users = [...state.workspace.users.values()]
      const { items, nextCursor } = page(users, args.cursor, args.limit, { standard: 1000, max: 1000 })
      return {
        members: items.map((user) => userView(state, user)),
        response_metadata: { next_cursor: nextCursor },
      }
    },
  }),
  method({
    name: 'users.lookupByEmail',
    tier: 3,
    scopes: ['users:read.email'],
    args: { email: text },
    run: (args, state) => {
      const wanted = args.email.toLowerCase()
      const user = [...state.workspace.users.values()].find(
        ({ email }) => email.toLowerCase() === wanted && email !== '',
      )
      if (!user) throw new MethodRefusal('users_not_found')
      return { user: userView(state, user) }
    },
  }),
  method({
    name: 'usergroups.list',
    tier: 2,
    scopes: ['usergroups:read'],
    args: { include_count: flag.optional(), include_disabled: flag.optional(), include_users: flag.optional() },
    run: (args, { workspace }) => ({
      usergroups: workspace.userGroups.map((group) => groupView(group, args.include_users ?? false)),
    }),
  }),
  method({
    name: 'usergroups.users.list',
    tier: 2,
    scopes: ['usergroups:read'],
    args: { usergroup: id, include_disabled: flag.optional() },
    run: (args, { workspace }) => {
      const group = workspace.userGroups.find((candidate) => candidate.id === args.usergroup)
      if (!group) throw new MethodRefusal('no_such_subteam')
      return { users: group.users }
    },
  }),
]

/** A user object; the address only with `users:read.email`. Of closed accounts Slack leaves out what they may, as docs.slack.dev, "User object". */
function userView(state: SlackState, user: SlackUser): Readonly<Record<string, unknown>> {
  const { deactivated = false, emailConfirmed = true, isBot = false, isGuest = false } = user
  const team = teamOf(user)
  const seesEmail = state.options.scopes.includes('users:read.email')
  const standing = {
    tz: 'Europe/Vienna',
    real_name: user.realName,
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: isGuest,
    is_ultra_restricted: false,
    is_email_confirmed: emailConfirmed && user.email !== '',
    ...(team !== identity.teamId && { is_stranger: true }),
  }
  return {
    id: user.id,
    team_id: team,
    name: user.name,
    deleted: deactivated,
    is_bot: isBot,
    is_app_user: false,
    ...(!deactivated && standing),
    profile: {
      real_name: user.realName,
      display_name: user.name,
      ...(seesEmail && user.email !== '' && { email: user.email }),
      team,
    },
  }
}

function groupView(group: SlackUserGroup, withUsers: boolean): Readonly<Record<string, unknown>> {
  return {
    id: group.id,
    team_id: identity.teamId,
    is_usergroup: true,
    name: group.handle,
    handle: group.handle,
    date_delete: 0,
    user_count: group.users.length,
    ...(withUsers && { users: group.users }),
  }
}
