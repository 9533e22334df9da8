import type { Deliveries } from './deliveries.ts'
import { addMessage, deleteMessage } from './messages.ts'
import { messageView } from './methods/message-view.ts'
import { escapeTyped } from './mrkdwn.ts'
import { blockActionsPayload, type Clicked, commandFields, mentionPayload } from './payloads.ts'
import { MethodRefusal } from './refusal.ts'
import type { ResponseTarget } from './response-urls.ts'
import { applyResponse } from './responses.ts'
import { type SlackState, showEphemeral } from './state.ts'
import type { Delivery, SlackUser } from './types.ts'
import { botIsIn, type Channel, identity, teamOf } from './workspace.ts'

export interface CommandInput {
  readonly user: string
  readonly channel: string
  readonly command: string
  readonly text: string
}

/** A person types a slash command. The bot's answer appears as Slack would show it, its failure as Slackbot's regret. */
export async function typeCommand(state: SlackState, deliveries: Deliveries, input: CommandInput): Promise<Delivery> {
  const { user, channel } = present(state, input)
  if (teamOf(user) !== identity.teamId)
    throw new Error(`${user.name} is of another workspace: Slack offers them no commands of this one's apps`)
  if (!state.options.scopes.includes('commands'))
    throw new Error('The app lacks the scope "commands": Slack knows no such command')
  const target: ResponseTarget = { channel: channel.id, user: user.id }
  const handles = issue(state, 'commands', target)
  const fields = commandFields(user, channel, input.command, input.text, handles)
  const delivery = { ...(await deliveries.deliver({ kind: 'command', fields })), ...handles }
  const failure = delivery.failure ?? showAnswer(state, target, delivery.body)
  if (failure === undefined) return delivery
  const regret = `${input.command} failed with the error "${regrets[failure]}"`
  showEphemeral(state, { channel: channel.id, user: user.id, text: regret })
  return { ...delivery, failure }
}

const regrets = {
  timeout: 'operation_timeout',
  unreachable: 'dispatch_failed',
  no_endpoint: 'dispatch_failed',
  http_error: 'dispatch_failed',
  invalid_response: 'invalid_command_response',
} as const

function showAnswer(state: SlackState, target: ResponseTarget, body: string): 'invalid_response' | undefined {
  if (body === '') return undefined
  try {
    applyResponse(state, target, body.startsWith('{') ? JSON.parse(body) : { text: body })
    return undefined
  } catch (error) {
    if (error instanceof MethodRefusal || error instanceof SyntaxError) return 'invalid_response'
    throw error
  }
}

export interface ClickInput {
  readonly user: string
  readonly channel: string
  readonly ts: string
  readonly actionId: string
  readonly value?: string
}

/** A person presses a button, or picks the option `value` of a menu, on the message as it is now. */
export async function clickElement(state: SlackState, deliveries: Deliveries, input: ClickInput): Promise<Delivery> {
  const { user, channel } = present(state, input)
  const clicked = findClicked(state, channel, input)
  const { messageTs, threadTs, message } = clicked
  const target: ResponseTarget = {
    channel: channel.id,
    user: user.id,
    messageTs,
    ephemeral: message === undefined,
    ...(threadTs !== undefined && { threadTs }),
  }
  const handles = issue(state, 'actions', target)
  const payload = blockActionsPayload(user, channel, clicked, state.workspace.nextTs(), handles)
  return { ...(await deliveries.deliver({ kind: 'interaction', payload })), ...handles }
}

/** A person writes `@incbot text` into a channel that the bot is in. */
export async function mentionBot(
  state: SlackState,
  deliveries: Deliveries,
  input: { readonly user: string; readonly channel: string; readonly text: string; readonly threadTs?: string },
): Promise<Delivery> {
  const { user, channel } = present(state, input)
  if (!state.options.scopes.includes('app_mentions:read'))
    throw new Error('The app lacks the scope "app_mentions:read"')
  if (!botIsIn(channel))
    throw new Error(`The bot is not in #${channel.name}: Slack tells it nothing about mentions there`)
  const text = `<@${identity.userId}> ${escapeTyped(input.text)}`
  const { ts } = addMessage(state.workspace, channel, { user: user.id, text, threadTs: input.threadTs })
  const payload = mentionPayload(user, channel, { ts, text, threadTs: input.threadTs }, state.workspace.nextId('Ev'))
  return deliveries.deliver({ kind: 'event', payload })
}

/** A person removes a message, the bot's included (as admins may). */
export function removeMessage(state: SlackState, channelId: string, ts: string): void {
  const channel = state.workspace.channels.get(channelId)
  const message = channel?.messages.find((candidate) => candidate.ts === ts)
  if (!channel || !message) throw new Error(`There is no message ${ts} in ${channelId}`)
  deleteMessage(state.workspace, channel, message)
}

function present(
  { workspace }: SlackState,
  where: { readonly user: string; readonly channel: string },
): { readonly user: SlackUser; readonly channel: Channel } {
  const user = workspace.users.get(where.user)
  const channel = workspace.channels.get(where.channel)
  if (!user) throw new Error(`There is no user ${where.user}`)
  if (!channel) throw new Error(`There is no channel ${where.channel}`)
  if (user.deactivated) throw new Error(`The account of ${user.name} is closed: it can do nothing in Slack`)
  if (channel.isPrivate && !channel.members.has(user.id)) throw new Error(`${user.name} cannot see #${channel.name}`)
  return { user, channel }
}

function issue(state: SlackState, kind: 'commands' | 'actions', target: ResponseTarget) {
  return { triggerId: state.triggers.issue(target.user), responseUrl: state.responseUrls.issue(kind, target) }
}

function findClicked(state: SlackState, channel: Channel, input: ClickInput): Clicked {
  const message = channel.messages.find(({ ts, deleted }) => ts === input.ts && !deleted)
  const ephemeral = state.ephemerals.find(
    ({ ts, channel: id, user }) => ts === input.ts && id === channel.id && user === input.user,
  )
  const shown = message ?? ephemeral
  if (!shown) throw new Error(`There is no message ${input.ts} in #${channel.name} for ${input.user}`)
  const found = elementsOf(shown.blocks ?? []).filter(({ element }) => element.action_id === input.actionId)
  const matching = input.value === undefined ? found : found.filter(({ element }) => offers(element, input.value))
  const [only, another] = matching
  if (!only)
    throw new Error(`Message ${input.ts} has no element ${input.actionId} with value ${input.value ?? '(any)'}`)
  if (another) throw new Error(`Message ${input.ts} has several elements ${input.actionId}: say which value`)
  return {
    messageTs: input.ts,
    threadTs: shown.threadTs,
    message: message && messageView(state, channel, message, true),
    optionValue: input.value,
    ...only,
  }
}

type Element = Readonly<Record<string, unknown>>

function elementsOf(blocks: readonly unknown[]): readonly { readonly blockId: string; readonly element: Element }[] {
  // Stored blocks passed the Block Kit check: objects with a block_id, and these places for elements.
  return (
    blocks as readonly {
      readonly block_id: string
      readonly elements?: readonly Element[]
      readonly accessory?: Element
    }[]
  ).flatMap(({ block_id, elements = [], accessory }) =>
    [...elements, ...(accessory ? [accessory] : [])].map((element) => ({ blockId: block_id, element })),
  )
}

function offers(element: Element, value: string | undefined): boolean {
  if (element.value === value) return true
  return Array.isArray(element.options) && element.options.some((option) => option?.value === value)
}
