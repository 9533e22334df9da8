import { remediationOf } from '../domain/incident.ts'
import { offerRefusal } from '../domain/offers.ts'
import type { BotPorts } from './bot-ports.ts'
import type { Click } from './clicks.ts'
import { SlackError } from './errors.ts'
import { approvalDialog } from './render/dialog.ts'
import { told } from './render/told.ts'

/** Slack forgets who pressed after three seconds, and a dialog that comes later helps nobody. */
const OPEN_MS = 2_000

/** The way to open a dialog is gone: it was used, or nobody used it in time. */
const USED: ReadonlySet<string> = new Set(['exchanged_trigger_id', 'trigger_exchanged'])
const STALE: ReadonlySet<string> = new Set(['expired_trigger_id', 'invalid_trigger_id', 'trigger_expired'])

const UNKNOWN = 'This button belongs to nothing that incbot knows; nothing was started.'
const TOO_LATE = 'Slack had stopped waiting before incbot could ask for the reason; nothing was started. Press again.'
const NOT_OPENED =
  'The dialog that asks for the reason could not be opened; nothing was started. Press again in a moment.'

/**
 * Asks whoever pressed for a reason, with the plan before their eyes. Resolves with what to tell them where there is nothing to ask, and
 * empty where the dialog is open. Nothing is decided here: all of it is checked again when the reason comes.
 */
export async function openDialog(ports: BotPorts, click: Click): Promise<string> {
  const { incidentId, remediationId, channel, triggerId } = click
  const incident = await ports.incidentOf(incidentId)
  const remediation = incident && remediationOf(incident, remediationId)
  if (incident === undefined || remediation === undefined) return UNKNOWN
  const breakGlass = click.verb === 'glass'
  const gone = offerRefusal(incident, remediation, { now: ports.now(), breakGlass })
  if (gone !== undefined) return told(gone.text)
  const view = approvalDialog({ incidentId, remediation, channel, breakGlass })
  try {
    await ports.call('views.open', { trigger_id: triggerId, view }, AbortSignal.timeout(OPEN_MS))
    return ''
  } catch (error) {
    if (!(error instanceof SlackError)) throw error
    // The same press, delivered twice: the dialog is there.
    if (USED.has(error.code)) return ''
    ports.log.warn({ err: error, incident: incidentId }, 'A dialog could not be opened')
    return STALE.has(error.code) ? TOO_LATE : NOT_OPENED
  }
}
