import { setTimeout as sleep } from 'node:timers/promises'
import { predictionOf } from '../analysis/prediction.ts'
import type { IncidentEvent } from '../domain/event.ts'
import type { Incident, Investigation } from '../domain/incident.ts'
import { currentInvestigation } from '../domain/incident.ts'
import { type Prediction, preAlert, TIME_TO_LIMIT } from '../domain/pre-alert.ts'
import { isOpen } from '../domain/remediation.ts'
import type { Runbook } from '../domain/runbook.ts'
import { workingHoursOf } from '../domain/schedule/working-hours.ts'
import type { Service } from '../domain/service.ts'
import type { CheckProgress, Ports } from './ports.ts'
import { propose } from './propose.ts'
import { relatedTo } from './related.ts'
import { distinctChecks, type RunbookResult, runRunbooks } from './run-runbooks.ts'
import type { Labels } from './select-runbook.ts'
import { needsLabels, selectRunbooks } from './select-runbook.ts'
import { measureEffect } from './verify.ts'

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
  const finish = async (
    result: Omit<Extract<IncidentEvent, { type: 'investigation-finished' }>, 'type' | 'investigationId'>,
  ) => {
    const related = investigation.reason === 'verification' ? [] : await relatedTo(ports, incident)
    const event = { type: 'investigation-finished', investigationId, ...result } as const
    await report({ ...event, ...(related.length > 0 && { related }) }, `${investigationId}:finished`)
  }

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
  const at = ports.now()
  const result = await runRunbooks(ports, service, selection.runbooks, {
    alert: () => alertTexts(asking, incident.title),
    signal,
    onFinding: (done, total) => onProgress({ investigationId, done, total }),
  })
  if (signal.aborted) return
  const { runbook, findings, diagnosis } = result
  const prediction = investigation.reason === 'scheduled' ? foretell(ports, result, at) : undefined
  if (prediction?.is === 'unknown')
    ports.log.warn(
      { service: service.name, runbook: runbook.name, why: prediction.why },
      'A scheduled check cannot tell what is ahead',
    )
  const measured = measureEffect(ports, incident, investigation, { runbook, findings, service })
  const proposals =
    measured === undefined && isOfferWorthMaking(ports, incident, service, prediction)
      ? await propose(ports, incident, { investigation, runbook, diagnosis, findings, service }, signal)
      : []
  await finish({
    runbook: runbook.name,
    findings,
    ...measured,
    ...(prediction && { prediction }),
    diagnosis: { ...diagnosis, unknown: [...diagnosis.unknown, ...selection.warnings] },
    proposals,
  })
}

function foretell(
  { checks }: Pick<Ports, 'checks'>,
  { runbook, findings, diagnosis }: RunbookResult,
  at: number,
): Prediction {
  const foretelling = runbook.checks.filter(({ check }) => checks.get(check)?.facts.includes(TIME_TO_LIMIT))
  return predictionOf(
    findings,
    foretelling.map(({ id }) => id),
    diagnosis,
    at,
  )
}

/** A scheduled run offers something only where a pre-alert shows it, and not beside what it offers already: planning asks a cluster a lot. */
function isOfferWorthMaking(
  { now }: Pick<Ports, 'now'>,
  incident: Incident,
  service: Service,
  prediction: Prediction | undefined,
): boolean {
  if (prediction === undefined) return true
  if (incident.preAlert === undefined || prediction.is !== 'limit') return false
  const decision = preAlert(prediction, workingHoursOf(service), incident.preAlert, now())
  if (decision.do === 'open' || decision.do === 'escalate') return true
  return decision.next.state === 'open' && decision.next.clearRuns === 0 && !incident.remediations.some(isOpen)
}

/** A verification asks the same questions as the diagnosis that led to the remediation, a scheduled run those of its runbook. */
function usable(runbooks: readonly Runbook[], incident: Incident, { reason }: Investigation): readonly Runbook[] {
  if (reason === 'scheduled') return runbooks.filter(({ name }) => name === incident.preAlert?.runbook)
  const before = currentInvestigation(incident)?.runbook
  return reason === 'verification' ? runbooks.filter(({ name }) => name === before) : runbooks
}

/** All that the alert says. It had the time of the checks to arrive: no diagnosis is late because of PagerDuty. */
async function alertTexts(asking: Promise<Labels>, title: string): Promise<readonly string[]> {
  const labels = await Promise.race([asking, sleep(PATIENCE_MS, 'unknown' as const, { ref: false })])
  return [title, ...(labels === 'unknown' ? [] : Object.values(labels))]
}

function labelsOf(ports: Ports, incident: Incident, signal: AbortSignal) {
  if (incident.alert !== undefined) return Promise.resolve(incident.alert.details)
  if (incident.pagerduty === undefined) return Promise.resolve('unknown' as const)
  return ports.directory.alertLabels(
    incident.pagerduty.incidentId,
    AbortSignal.any([signal, AbortSignal.timeout(LABELS_MS)]),
  )
}
