import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { SLACK_METHODS } from '../../src/slack/api.ts'
import { scopes as testedScopes } from './workspace.ts'

/** Bot scopes by method; docs.slack.dev, "Methods". */
const NEEDED: Readonly<Record<(typeof SLACK_METHODS)[number], readonly string[]>> = {
  'chat.postMessage': ['chat:write', 'chat:write.public'],
  'chat.update': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'files.getUploadURLExternal': ['files:write'],
  'files.completeUploadExternal': ['files:write'],
  'usergroups.users.list': ['usergroups:read'],
  // The second is for the address in what the first answers.
  'users.info': ['users:read', 'users:read.email'],
  // Whoever pressed is the permission.
  'views.open': [],
  'auth.test': [],
}
/** For what Slack sends: commands, and the events that are subscribed to. */
const RECEIVED: Readonly<Record<string, string>> = { app_mention: 'app_mentions:read' }

const manifest = parse(readFileSync('manifest.yaml', 'utf8'))
const asked: readonly string[] = manifest.oauth_config.scopes.bot

describe('the manifest of the Slack app', () => {
  it('asks for the scopes that the called methods and received events need, and for no others', () => {
    const events: readonly string[] = manifest.settings.event_subscriptions.bot_events
    const needed = new Set([
      ...SLACK_METHODS.flatMap((method) => NEEDED[method]),
      ...events.map((event) => RECEIVED[event]),
      'commands',
    ])
    expect(new Set(asked)).toEqual(needed)
  })

  it('knows every method that is named anywhere in the code', () => {
    const files = readdirSync('src/slack', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
    const named = files.flatMap((file) => [
      ...readFileSync(`src/slack/${file}`, 'utf8').matchAll(/'((?:[a-z]+\.)+(?:[a-z]+[A-Z])?[a-zA-Z]+)'/g),
    ])
    const methods = named
      .map(([, name = '']) => name)
      .filter((name) =>
        /^(chat|conversations|files|users|usergroups|views|pins|reactions|bookmarks|auth|apps|team|dialog|reminders|search)\./.test(
          name,
        ),
      )
    // Called by Bolt, with the app-level token that Socket Mode has of its own.
    const others = ['apps.connections.open']
    expect(new Set(methods)).toEqual(new Set([...SLACK_METHODS, ...others]))
  })

  it('asks for exactly what the other tests give to incbot', () => {
    expect(new Set(asked)).toEqual(new Set(testedScopes))
  })

  it('stays within Slack’s limits for names and descriptions', () => {
    const [command] = manifest.features.slash_commands
    expect(manifest.display_information.name.length).toBeLessThanOrEqual(35)
    expect(manifest.display_information.description.length).toBeLessThanOrEqual(140)
    expect(command.description.length).toBeLessThanOrEqual(2000)
    expect(command.usage_hint.length).toBeLessThanOrEqual(1000)
  })
})
