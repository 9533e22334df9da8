import { z } from 'zod'
import { id, text, ts } from '../arguments.ts'
import { findMessage } from '../messages.ts'
import { type Method, method } from '../method.ts'
import { MethodRefusal } from '../refusal.ts'
import { identity } from '../workspace.ts'

export const extraMethods: readonly Method[] = [
  method({
    name: 'api.test',
    tier: 4,
    token: 'none',
    args: { error: text.optional(), foo: text.optional() },
    run: (args) => {
      if (args.error !== undefined) throw new MethodRefusal(args.error, { args })
      return { args }
    },
  }),
  method({
    name: 'auth.test',
    tier: 'unlimited',
    args: {},
    run: () => ({
      url: `https://${identity.teamDomain}.slack.com/`,
      team: identity.teamName,
      user: identity.userName,
      team_id: identity.teamId,
      user_id: identity.userId,
      bot_id: identity.botId,
      is_enterprise_install: false,
    }),
  }),
  method({
    name: 'apps.connections.open',
    tier: 3,
    token: 'app',
    args: {},
    run: (_args, state) => ({ url: state.openConnection() }),
  }),
  method({
    name: 'pins.add',
    tier: 2,
    scopes: ['pins:write'],
    args: { channel: id, timestamp: ts },
    run: (args, { workspace }) => {
      const channel = workspace.joinedChannel(args.channel)
      const { ts: found } = findMessage(channel, args.timestamp)
      if (channel.pinned.has(found)) throw new MethodRefusal('already_pinned')
      channel.pinned.add(found)
      return {}
    },
  }),
  method({
    name: 'bookmarks.add',
    tier: 2,
    scopes: ['bookmarks:write'],
    args: {
      channel_id: id,
      title: z.string().min(1).max(255),
      type: z.literal('link'),
      link: z.url({ protocol: /^https?$/ }),
      emoji: text.optional(),
    },
    run: (args, { workspace }) => {
      const channel = workspace.joinedChannel(args.channel_id)
      const bookmark = { id: workspace.nextId('Bk'), title: args.title, link: args.link }
      channel.bookmarks.push(bookmark)
      return { bookmark: { ...bookmark, channel_id: channel.id, type: 'link' } }
    },
  }),
  method({
    name: 'reactions.add',
    tier: 3,
    scopes: ['reactions:write'],
    args: { channel: id, timestamp: ts, name: z.string().regex(/^[a-z0-9_+'-]+(::skin-tone-\d)?$/) },
    run: (args, { workspace }) => {
      const message = findMessage(workspace.joinedChannel(args.channel), args.timestamp)
      const mine = { name: args.name, user: identity.userId }
      if (message.reactions.some(({ name, user }) => name === mine.name && user === mine.user))
        throw new MethodRefusal('already_reacted')
      message.reactions.push(mine)
      return {}
    },
  }),
]
