import { diagnose } from '../analysis/diagnose.ts'
import type { IncidentEvent } from '../domain/event.ts'
import type { Incident, Investigation } from '../domain/incident.ts'
import type { CheckProgress, Ports } from './ports.ts'
import { propose } from './propose.ts'
import { runChecks } from './run-checks.ts'
import { needsLabels, selectRunbook } from './select-runbook.ts'

const LABELS_MS = 3_000

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
  const labels = needsLabels(runbooks) ? await labelsOf(ports, incident, signal) : {}
  const selection = selectRunbook(runbooks, incident, labels)
  const service = incident.service === undefined ? undefined : ports.catalogue().byName(incident.service)
  if ('nothing' in selection || service === undefined) {
    const nothing =
      'nothing' in selection ? selection.nothing : `${incident.service} is no longer in the service catalogue.`
    await finish({ findings: [], nothing, proposals: [] })
    return
  }
  const { runbook } = selection
  await report(
    { type: 'investigation-started', investigationId, runbook: runbook.name, checks: runbook.checks.length },
    `${investigationId}:started`,
  )
  const findings = await runChecks(ports, service, runbook.checks, signal, (done, total) =>
    onProgress({ investigationId, done, total }),
  )
  if (signal.aborted) return
  const diagnosis = diagnose(runbook, findings, service.units)
  const proposals =
    investigation.reason === 'verification'
      ? []
      : await propose(ports, incident, investigation, runbook, diagnosis, service, signal)
  await finish({
    findings,
    diagnosis: { ...diagnosis, unknown: [...diagnosis.unknown, ...selection.warnings] },
    proposals,
  })
}

function labelsOf(ports: Ports, incident: Incident, signal: AbortSignal) {
  if (incident.pagerduty === undefined) return Promise.resolve('unknown' as const)
  return ports.directory.alertLabels(
    incident.pagerduty.incidentId,
    AbortSignal.any([signal, AbortSignal.timeout(LABELS_MS)]),
  )
}
