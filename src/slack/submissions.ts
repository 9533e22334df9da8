import { z } from 'zod'
import type { Person } from '../domain/event.ts'
import { inTime } from './answer-in-time.ts'
import type { BotPorts } from './bot-ports.ts'
import { personIn, recordId, requestKey, slackId, slackPerson, strangerProblem } from './identity.ts'
import { DIALOGS, REASON } from './render/dialog.ts'

/** What somebody typed into one of incbot's dialogs. */
export interface Submission {
  readonly incidentId: string
  readonly remediationId: string
  readonly channel: string
  readonly by: Person
  readonly reason: string
  readonly breakGlass: boolean
  /** The same dialog, submitted by the same person, has the same key. */
  readonly key: string
}

const schema = z.object({
  ...slackPerson,
  view: z.object({
    id: slackId,
    callback_id: z.enum(DIALOGS),
    private_metadata: z.string().max(3_000),
    state: z.object({
      values: z.object({ [REASON]: z.object({ [REASON]: z.object({ value: z.string().max(3_000).nullish() }) }) }),
    }),
  }),
})
const about = z.tuple([recordId, recordId, slackId])

const UNREADABLE = 'incbot could not make sense of what Slack sent for this; nothing was started.'
const NO_REASON = 'Type a reason: nothing is started without one.'
const FAILED =
  'incbot could not record this. Unless the card soon says otherwise, nothing was started; then submit it again.'
const STILL_AT_IT = 'This is still being recorded. Submit it again in a moment: it counts once.'

/** Reads a `view_submission` payload; undefined when it is no dialog of incbot's, or one that incbot did not make like this. */
export function readSubmission(body: unknown): Submission | undefined {
  const parsed = schema.safeParse(body)
  if (!parsed.success) return undefined
  const { view } = parsed.data
  const ids = about.safeParse(view.private_metadata.split('|'))
  const by = personIn(parsed.data)
  if (!ids.success || by === undefined) return undefined
  const [incidentId, remediationId, channel] = ids.data
  return {
    incidentId,
    remediationId,
    channel,
    by,
    reason: view.state.values[REASON][REASON].value?.trim() ?? '',
    breakGlass: view.callback_id === DIALOGS.breakGlass,
    key: requestKey('view', view.id, by.user),
  }
}

/**
 * Records what was submitted. Resolves while Slack still listens, with what the dialog is to say: nothing once it is recorded, and the dialog
 * may close. Whoever submits is the one who approves, whoever opened the dialog. Never rejects.
 */
export async function answerSubmission(ports: BotPorts, body: unknown): Promise<string> {
  const submission = readSubmission(body)
  if (submission === undefined) {
    ports.meter?.slackRequest('dialog', 'malformed')
    return UNREADABLE
  }
  return (await inTime(record(ports, submission))) ?? STILL_AT_IT
}

async function record(ports: BotPorts, submission: Submission): Promise<string> {
  const { incidentId, remediationId, by, channel, key, reason, breakGlass } = submission
  const stranger = strangerProblem(by, ports.workspace)
  if (stranger !== undefined) return stranger
  if (reason === '') return NO_REASON
  try {
    const typed = { reason, ...(breakGlass && { breakGlass }) }
    const refused = await ports.commands.click(incidentId, remediationId, by, channel, key, typed)
    ports.meter?.slackRequest('dialog', 'accepted')
    return refused?.problem ?? ''
  } catch (error) {
    ports.log.error({ err: error, incident: incidentId }, 'What was typed into a dialog could not be recorded')
    ports.meter?.slackRequest('dialog', 'failed')
    return FAILED
  }
}
