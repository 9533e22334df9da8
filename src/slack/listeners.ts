import { z } from 'zod'
import type { Person } from '../domain/event.ts'
import { fieldsOf } from '../domain/fields.ts'
import { answerInTime } from './answer-in-time.ts'
import type { LoadedBolt } from './bolt-app.ts'
import type { BotPorts } from './bot-ports.ts'
import { readClick } from './clicks.ts'
import { runCommand, useOf } from './commands/index.ts'
import { displayName, named, requestKey, slackId, strangerProblem } from './identity.ts'
import { answerClick, wantsDialog } from './presses.ts'
import { createRecent } from './recent.ts'
import { REASON } from './render/dialog.ts'
import { plainText } from './render/text.ts'
import { answerSubmission } from './submissions.ts'

const commandBody = z.object({
  team_id: slackId,
  user_id: slackId,
  user_name: displayName,
  channel_id: slackId,
  command: z.string(),
  text: z.string().default(''),
  trigger_id: z.string().min(1).max(500),
})

const mentionBody = z.object({
  event_id: z.string().min(1).max(100),
  team_id: slackId,
  event: z.object({
    user: slackId,
    bot_id: z.undefined().optional(),
    channel: slackId,
    text: z.string(),
    team: slackId.optional(),
    user_team: slackId.optional(),
    thread_ts: z.string().optional(),
  }),
})

const MENTION_ANSWER_MS = 10_000
/** Below an input there is room for a sentence or two. */
const PROBLEM = 500
/** Slack repeats an event for about an hour. */
const EVENTS_MS = 2 * 3_600_000
const EVENTS = 20_000

const UNREADABLE = 'incbot could not make sense of what Slack sent for this; nothing was started.'
const NOT_OURS = 'This button is none that incbot knows; nothing was started.'

/** Registers everything that incbot listens to. No listener rejects: each says what went wrong to whoever asked. */
export function listen(app: LoadedBolt['app'], ports: BotPorts): void {
  const { meter } = ports
  const events = createRecent({ ttlMs: EVENTS_MS, limit: EVENTS, now: ports.now })

  app.command(/.*/s, async ({ ack, body, respond }) => {
    const parsed = commandBody.safeParse(body)
    if (!parsed.success) return ack({ text: UNREADABLE })
    const { team_id, user_id, user_name, channel_id, command, text, trigger_id } = parsed.data
    if (command !== ports.command) return ack({ text: `This incbot answers to \`${ports.command}\`.` })
    const by = { workspace: team_id, user: user_id, ...named(user_name) }
    const key = requestKey('command', team_id, trigger_id)
    await answerInTime(answerCommand(ports, { by, channel: channel_id, key, text }), {
      now: (said) => ack(ephemeral(said)),
      later: (said) => quietly(respond(ephemeral(said)), ports, 'An answer to a command could not be delivered'),
    })
  })

  app.action(/.*/s, async ({ ack, body, respond }) => {
    // Missing where the payload names no address to answer to.
    const tell = (said: string) =>
      typeof respond === 'function'
        ? quietly(respond(ephemeral(said)), ports, 'An answer to a click could not be delivered')
        : undefined
    const click = readClick(body)
    if (click === undefined) {
      meter?.slackRequest('click', 'malformed')
      await ack()
      return tell(NOT_OURS)
    }
    if (wantsDialog(click)) {
      await Promise.all([ack(), answerClick(ports, click).then((said) => (said === '' ? undefined : tell(said)))])
      return
    }
    await answerInTime(answerClick(ports, click), {
      now: async (said) => {
        await ack()
        if (said !== '') await tell(said)
      },
      later: async (said) => {
        if (said !== '') await tell(said)
      },
    })
  })

  app.view(/^incbot-/, async ({ ack, body }) => {
    const problem = await answerSubmission(ports, body)
    if (problem === '') return ack()
    await ack({ response_action: 'errors', errors: { [REASON]: plainText(problem, PROBLEM) } })
  })

  app.event('app_mention', async ({ body }) => {
    const parsed = mentionBody.safeParse(body)
    if (!parsed.success || !events.firstTime(parsed.data.event_id)) return
    const { event_id, team_id, event } = parsed.data
    const by = { workspace: event.user_team ?? event.team ?? team_id, user: event.user }
    const text = event.text.replace(/^(?:\s*<@[^>]*>)+/, '')
    const key = requestKey('mention', team_id, event_id)
    const said = await answerCommand(ports, { by, channel: event.channel, key, text })
    const thread = event.thread_ts === undefined ? {} : { thread_ts: event.thread_ts }
    const answer = { channel: event.channel, user: event.user, text: said, ...thread }
    const posted = ports.call('chat.postEphemeral', answer, AbortSignal.timeout(MENTION_ANSWER_MS))
    await quietly(posted, ports, 'An answer to a mention could not be delivered')
  })
}

async function answerCommand(
  ports: BotPorts,
  given: { readonly by: Person; readonly channel: string; readonly key: string; readonly text: string },
): Promise<string> {
  const stranger = strangerProblem(given.by, ports.workspace)
  if (stranger !== undefined) return stranger
  const tooOften = ports.fairUse.refusal(given.by, useOf(given.text))
  if (tooOften !== undefined) {
    ports.meter?.slackRequest('command', 'too-often')
    return tooOften
  }
  try {
    const said = await runCommand(ports, given)
    ports.meter?.slackRequest('command', 'accepted')
    return said
  } catch (error) {
    ports.log.error({ err: error }, 'A command could not be carried out')
    ports.meter?.slackRequest('command', 'failed')
    return 'incbot could not record this just now. Unless it soon says otherwise here, nothing was started; then try again.'
  }
}

function ephemeral(text: string) {
  return { response_type: 'ephemeral', replace_original: false, text } as const
}

async function quietly(work: Promise<unknown>, { log }: BotPorts, message: string): Promise<void> {
  try {
    await work
  } catch (error) {
    log.warn({ err: error, code: fieldsOf(error).code }, message)
  }
}
