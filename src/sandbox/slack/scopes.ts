import { MethodRefusal } from './refusal.ts'
import type { SlackState } from './state.ts'
import type { Channel } from './workspace.ts'

/** Throws `missing_scope` as Slack words it. */
export function requireScope({ options }: SlackState, scope: string): void {
  if (options.scopes.includes(scope)) return
  throw new MethodRefusal('missing_scope', { needed: scope, provided: options.scopes.join(',') })
}

/** Any one of these will do; the first is what Slack names when none is there. */
function requireAnyScope(state: SlackState, scopes: readonly [string, ...string[]]): void {
  if (!scopes.some((scope) => state.options.scopes.includes(scope))) requireScope(state, scopes[0])
}

/** The scope for public channels, or its sibling for private ones: `channels:read` or `groups:read`. */
export function requireChannelScope(state: SlackState, channel: Channel, right: 'read' | 'history'): void {
  requireScope(state, `${channel.isPrivate ? 'groups' : 'channels'}:${right}`)
}

/** Creating, inviting, topics: `channels:manage` (or a narrower scope) for public channels, `groups:write` for private ones. */
export function requireManageScope(state: SlackState, isPrivate: boolean, narrower?: string): void {
  if (isPrivate) requireScope(state, 'groups:write')
  else requireAnyScope(state, narrower === undefined ? ['channels:manage'] : ['channels:manage', narrower])
}
