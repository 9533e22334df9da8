import { escapeTyped } from './mrkdwn.ts'
import type { SlackUser } from './types.ts'
import { type Channel, identity, teamOf } from './workspace.ts'

/** Deprecated by Slack, but still in every payload. */
const verificationToken = 'sandbox-verification-token'

/** Slack does not tell apps the names of private channels in commands and interactions. */
function channelName(channel: Channel): string {
  return channel.isPrivate ? 'privategroup' : channel.name
}

export interface Handles {
  readonly triggerId: string
  readonly responseUrl: string
}

/** The form fields of a slash command, in Slack's order. The text is escaped as everything that people type. */
export function commandFields(
  user: SlackUser,
  channel: Channel,
  command: string,
  text: string,
  { triggerId, responseUrl }: Handles,
): Readonly<Record<string, string>> {
  return {
    token: verificationToken,
    team_id: identity.teamId,
    team_domain: identity.teamDomain,
    channel_id: channel.id,
    channel_name: channelName(channel),
    user_id: user.id,
    user_name: user.name,
    command,
    text: escapeTyped(text),
    api_app_id: identity.appId,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: triggerId,
  }
}

/** What was clicked: the message (or ephemeral) and the element with its block. */
export interface Clicked {
  readonly messageTs: string
  readonly threadTs?: string | undefined
  /** As apps see it; ephemeral messages are not shown to apps again. */
  readonly message: Readonly<Record<string, unknown>> | undefined
  readonly blockId: string
  readonly element: Readonly<Record<string, unknown>>
  readonly optionValue?: string | undefined
}

/** docs.slack.dev, "block_actions payload". */
export function blockActionsPayload(
  user: SlackUser,
  channel: Channel,
  clicked: Clicked,
  actionTs: string,
  { triggerId, responseUrl }: Handles,
): Readonly<Record<string, unknown>> {
  const isEphemeral = clicked.message === undefined
  return {
    type: 'block_actions',
    user: { id: user.id, username: user.name, name: user.name, team_id: teamOf(user) },
    api_app_id: identity.appId,
    token: verificationToken,
    container: {
      type: 'message',
      message_ts: clicked.messageTs,
      channel_id: channel.id,
      is_ephemeral: isEphemeral,
      ...(clicked.threadTs !== undefined && { thread_ts: clicked.threadTs }),
    },
    trigger_id: triggerId,
    team: { id: identity.teamId, domain: identity.teamDomain },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: channel.id, name: channelName(channel) },
    ...(clicked.message && { message: clicked.message }),
    state: { values: {} },
    response_url: responseUrl,
    actions: [action(clicked, actionTs)],
  }
}

function action({ element, blockId, optionValue }: Clicked, actionTs: string): Readonly<Record<string, unknown>> {
  const { type, action_id, text, value, style } = element
  const options = Array.isArray(element.options) ? element.options : []
  const selected = options.find((option) => option?.value === optionValue)
  return {
    action_id,
    block_id: blockId,
    ...(text !== undefined && { text }),
    ...(value !== undefined && { value }),
    ...(style !== undefined && { style }),
    ...(selected !== undefined && { selected_option: selected }),
    type,
    action_ts: actionTs,
  }
}

/** The Events API envelope around an app_mention. */
export function mentionPayload(
  user: SlackUser,
  channel: Channel,
  message: { readonly ts: string; readonly text: string; readonly threadTs?: string | undefined },
  eventId: string,
): Readonly<Record<string, unknown>> {
  return {
    token: verificationToken,
    team_id: identity.teamId,
    context_team_id: identity.teamId,
    context_enterprise_id: null,
    api_app_id: identity.appId,
    event: {
      user: user.id,
      type: 'app_mention',
      ts: message.ts,
      text: message.text,
      team: teamOf(user),
      ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
      channel: channel.id,
      event_ts: message.ts,
    },
    type: 'event_callback',
    event_id: eventId,
    event_time: Math.floor(Number(message.ts)),
    authorizations: [
      {
        enterprise_id: null,
        team_id: identity.teamId,
        user_id: identity.userId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-sandbox-${eventId}`,
  }
}

/** docs.slack.dev, "view_submission payload". `values` is block id → action id → what the input holds. */
export function viewSubmissionPayload(
  user: SlackUser,
  view: Readonly<Record<string, unknown>>,
  values: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  triggerId: string,
): Readonly<Record<string, unknown>> {
  return {
    type: 'view_submission',
    team: { id: identity.teamId, domain: identity.teamDomain },
    user: { id: user.id, username: user.name, name: user.name, team_id: teamOf(user) },
    api_app_id: identity.appId,
    token: verificationToken,
    trigger_id: triggerId,
    view: { ...view, state: { values } },
    response_urls: [],
    is_enterprise_install: false,
    enterprise: null,
  }
}
