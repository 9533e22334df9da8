import { MethodRefusal } from './refusal.ts'
import type { SlackMetadata, SlackStandInEvent, SlackStandInOptions, SlackUser, SlackUserGroup } from './types.ts'

/** Who the app is in the stand-in's workspace. */
export const identity = {
  teamId: 'T0SANDBOX',
  teamDomain: 'sandbox',
  teamName: 'Sandbox',
  appId: 'A0INCBOT00',
  botId: 'B0INCBOT00',
  userId: 'U0INCBOT00',
  userName: 'incbot',
} as const

/** The workspace that a person belongs to. */
export function teamOf({ team = identity.teamId }: Pick<SlackUser, 'team'>): string {
  return team
}

export interface StoredMessage {
  readonly ts: string
  readonly user: string
  text: string
  blocks?: readonly unknown[]
  metadata?: SlackMetadata
  readonly threadTs?: string
  /** A reply that the channel shows too. */
  readonly broadcast?: true
  edited: number
  /** Time of the last edit. */
  editedTs?: string
  files: readonly string[]
  deleted?: true
  reactions: { readonly name: string; readonly user: string }[]
}

export interface Channel {
  readonly id: string
  readonly name: string
  readonly isPrivate: boolean
  readonly members: Set<string>
  readonly createdSeconds: number
  topic: string
  readonly messages: StoredMessage[]
  readonly pinned: Set<string>
  readonly bookmarks: { readonly id: string; readonly title: string; readonly link: string }[]
}

/** People, groups and channels, and the clock and counters behind every id. */
export class Workspace {
  readonly users: ReadonlyMap<string, SlackUser>
  readonly userGroups: readonly SlackUserGroup[]
  readonly channels = new Map<string, Channel>()
  readonly now: () => number
  readonly #listeners: ((event: SlackStandInEvent) => void)[] = []
  #lastTsMicros = 0
  #ids = 0

  constructor(options: SlackStandInOptions) {
    this.now = options.now ?? Date.now
    const bot: SlackUser = {
      id: identity.userId,
      name: identity.userName,
      realName: identity.userName,
      email: '',
      isBot: true,
    }
    this.users = new Map([bot, ...options.users].map((user) => [user.id, user]))
    this.userGroups = options.userGroups
    for (const { id, name, members, botIsMember, ...rest } of options.channels)
      this.addChannel(id, name, rest.private ?? false, [...members, ...(botIsMember ? [identity.userId] : [])])
  }

  addChannel(id: string, name: string, isPrivate: boolean, members: readonly string[]): Channel {
    const channel: Channel = {
      id,
      name,
      isPrivate,
      members: new Set(members),
      createdSeconds: Math.floor(this.now() / 1000),
      topic: '',
      messages: [],
      pinned: new Set(),
      bookmarks: [],
    }
    this.channels.set(id, channel)
    return channel
  }

  /** Seconds with six decimals, strictly increasing over the whole workspace. */
  nextTs(): string {
    this.#lastTsMicros = Math.max(this.#lastTsMicros + 1, this.now() * 1000)
    const micros = Math.round(this.#lastTsMicros)
    return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`
  }

  nextId(prefix: string): string {
    this.#ids += 1
    return `${prefix}${this.#ids.toString(36).toUpperCase().padStart(9, '0')}`
  }

  on(listener: (event: SlackStandInEvent) => void): void {
    this.#listeners.push(listener)
  }

  emit(event: SlackStandInEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  /** The channel as the bot may see it: a private channel without the bot does not exist for it. */
  visibleChannel(id: string): Channel {
    const channel = this.channels.get(id)
    if (!channel || (channel.isPrivate && !botIsIn(channel))) throw new MethodRefusal('channel_not_found')
    return channel
  }

  /** A channel that the bot has joined. */
  joinedChannel(id: string): Channel {
    const channel = this.visibleChannel(id)
    if (!botIsIn(channel)) throw new MethodRefusal('not_in_channel')
    return channel
  }
}

export function botIsIn(channel: Channel): boolean {
  return channel.members.has(identity.userId)
}
