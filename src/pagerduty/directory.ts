import type { Directory, Logger } from '../pipeline/ports.ts'
import type { PagerDutyClient } from './client.ts'

export interface PagerDutyDirectoryOptions {
  /** Absent without an API token: then nothing is known. */
  readonly client: Pick<PagerDutyClient, 'alerts'> | undefined
  readonly log: Logger
}

/**
 * What PagerDuty knows of an incident and its webhook does not tell: details and labels of its alerts as one set. Of two alerts the later
 * one counts, and a label more than a detail of the same name. `unknown` when PagerDuty does not say.
 */
export function pagerDutyDirectory({ client, log }: PagerDutyDirectoryOptions): Pick<Directory, 'alertLabels'> {
  return {
    async alertLabels(pagerDutyIncidentId, signal) {
      if (client === undefined) return 'unknown'
      try {
        const alerts = await client.alerts(pagerDutyIncidentId, signal)
        return Object.assign({}, ...alerts.map(({ details }) => details), ...alerts.map(({ labels }) => labels))
      } catch (error) {
        log.warn({ err: error, incident: pagerDutyIncidentId }, 'PagerDuty did not tell the labels of an incident')
        return 'unknown'
      }
    },
  }
}
