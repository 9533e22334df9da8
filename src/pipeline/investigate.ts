import { setTimeout as sleep } from 'node:timers/promises'
import { followUp } from '../analysis/follow-up.ts'
import { frozenUntil } from '../domain/advance.ts'
import type { IncidentEvent } from '../domain/event.ts'
import type { Finding } from '../domain/finding.ts'
import type { Incident, Investigation } from '../domain/incident.ts'
import { currentInvestigation } from '../domain/incident.ts'
import type { Runbook } from '../domain/runbook.ts'
import type { Service } from '../domain/service.ts'
import type { CheckProgress, Ports } from './ports.ts'
import { propose } from './propose.ts'
import { distinctChecks, runRunbooks } from './run-runbooks.ts'
import type { Labels } from './select-runbook.ts'
import { needsLabels, selectRunbooks } from './select-runbook.ts'

const LABELS_MS = 3_000
const PATIENCE_MS = 100

/**
 * Runs an investigation to its end and reports it as events. Only reads, so it may run again after a crash: the second report of the
 * same investigation is a duplicate.
 */
export async function investigate(
  ports: Ports,
  incident: Incident,
  investigation: Investigation,
  report: (event: IncidentEvent, key: string) => Promise<void>,
  onProgress: (progress: CheckProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const investigationId = investigation.id
  const finish = (
    result: Omit<Extract<IncidentEvent, { type: 'investigation-finished' }>, 'type' | 'investigationId'>,
  ) => report({ type: 'investigation-finished', investigationId, ...result }, `${investigationId}:finished`)

  const runbooks = ports.runbooks()
  const asking = labelsOf(ports, incident, signal)
  const labels = needsLabels(runbooks) ? await asking : {}
  const selection = selectRunbooks(usable(runbooks, incident, investigation), incident, labels)
  const service = incident.service === undefined ? undefined : ports.catalogue().byName(incident.service)
  if ('nothing' in selection || service === undefined) {
    const nothing =
      'nothing' in selection ? selection.nothing : `${incident.service} is no longer in the service catalogue.`
    await finish({ findings: [], nothing, proposals: [] })
    return
  }
  const names = selection.runbooks.map(({ name }) => name).join(', ')
  await report(
    {
      type: 'investigation-started',
      investigationId,
      runbook: names,
      checks: distinctChecks(selection.runbooks).length,
    },
    `${investigationId}:started`,
  )
  const { runbook, findings, diagnosis } = await runRunbooks(ports, service, selection.runbooks, {
    alert: () => alertTexts(asking, incident.title),
    signal,
    onFinding: (done, total) => onProgress({ investigationId, done, total }),
  })
  if (signal.aborted) return
  const proposals =
    investigation.reason === 'verification'
      ? []
      : await propose(ports, incident, investigation, runbook, diagnosis, service, signal)
  await finish({
    runbook: runbook.name,
    findings,
    ...(investigation.verifies !== undefined && {
      followUp: bought(incident, investigation.verifies, findings, service),
    }),
    diagnosis: { ...diagnosis, unknown: [...diagnosis.unknown, ...selection.warnings] },
    proposals,
  })
}

/** What a remediation that restarts something bought; nothing is said of the others. */
function bought(
  incident: Incident,
  remediationId: string,
  after: readonly Finding[],
  { units }: Service,
): readonly string[] {
  const restarted = incident.remediations.some(({ id, kind }) => id === remediationId && kind === 'rolling-restart')
  const frozen = incident.remediations.some((one) => frozenUntil(one) !== undefined && one.ended === undefined)
  return restarted ? followUp(currentInvestigation(incident)?.findings ?? [], after, units, { frozen }) : []
}

/** A verification asks the same questions as the diagnosis that led to the remediation. */
function usable(runbooks: readonly Runbook[], incident: Incident, { reason }: Investigation): readonly Runbook[] {
  const before = currentInvestigation(incident)?.runbook
  return reason === 'verification' ? runbooks.filter(({ name }) => name === before) : runbooks
}

/** All that the alert says. It had the time of the checks to arrive: no diagnosis is late because of PagerDuty. */
async function alertTexts(asking: Promise<Labels>, title: string): Promise<readonly string[]> {
  const labels = await Promise.race([asking, sleep(PATIENCE_MS, 'unknown' as const, { ref: false })])
  return [title, ...(labels === 'unknown' ? [] : Object.values(labels))]
}

function labelsOf(ports: Ports, incident: Incident, signal: AbortSignal) {
  if (incident.pagerduty === undefined) return Promise.resolve('unknown' as const)
  return ports.directory.alertLabels(
    incident.pagerduty.incidentId,
    AbortSignal.any([signal, AbortSignal.timeout(LABELS_MS)]),
  )
}
