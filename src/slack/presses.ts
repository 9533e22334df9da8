import type { BotPorts } from './bot-ports.ts'
import type { Click } from './clicks.ts'
import { openDialog } from './dialogs.ts'
import { strangerProblem } from './identity.ts'

/** What the button of a reminder adds. */
const EXTEND_MS = 2 * 3_600_000

/** Whether the press asks for a dialog, whose time runs: Slack is answered first. */
export function wantsDialog({ verb }: Click): boolean {
  return verb === 'remediate-why' || verb === 'glass'
}

/** Carries out a press. Resolves with what to tell whoever pressed, empty where the card or a dialog says it all. Never rejects. */
export async function answerClick(ports: BotPorts, click: Click): Promise<string> {
  const stranger = strangerProblem(click.by, ports.workspace)
  if (stranger !== undefined) return stranger
  const tooOften = ports.fairUse.refusal(click.by, click.verb === 'abort' ? 'stop' : 'button')
  if (tooOften !== undefined) {
    ports.meter?.slackRequest('click', 'too-often')
    return tooOften
  }
  try {
    const said = wantsDialog(click) ? await openDialog(ports, click) : await record(ports, click)
    ports.meter?.slackRequest('click', 'accepted')
    return said
  } catch (error) {
    ports.log.error({ err: error, incident: click.incidentId, verb: click.verb }, 'A click could not be recorded')
    ports.meter?.slackRequest('click', 'failed')
    // A store that did not answer may have taken it all the same. Pressing twice is harmless: the first press uses the button up.
    return `incbot could not record this click. Unless the card soon says otherwise, nothing was ${DONE[click.verb]} because of it; then press again.`
  }
}

const DONE: Readonly<Record<Click['verb'], string>> = {
  remediate: 'started',
  'remediate-why': 'started',
  glass: 'started',
  abort: 'stopped',
  extend: 'extended',
}

/** Durable when it resolves. */
async function record({ commands, cardDelayMs }: BotPorts, click: Click): Promise<string> {
  const { incidentId, remediationId, by, channel, key } = click
  const refused =
    click.verb === 'abort'
      ? await commands.abortOne(incidentId, remediationId, by, channel, key)
      : click.verb === 'extend'
        ? await commands.extend(incidentId, remediationId, EXTEND_MS, by, channel, key)
        : await commands.click(incidentId, remediationId, by, channel, key)
  return refused?.problem ?? ifLate(cardDelayMs())
}

/** Whoever pressed waits for the card no longer than this before being told why it does not change. */
const SOON_MS = 1_000

function ifLate(cardDelayMs: number): string {
  if (cardDelayMs <= SOON_MS) return ''
  return `incbot has recorded your press. Slack takes only so many changes a minute, and they are used up: the card shows what came of it in about ${Math.ceil(cardDelayMs / 1_000)} s.`
}
