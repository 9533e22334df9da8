import type { IncidentEvent } from '../domain/event.ts'
import type { Incident } from '../domain/incident.ts'
import type { Outcome, Remediation } from '../domain/remediation.ts'
import type { Service } from '../domain/service.ts'
import type { RemediationContext, RemediationKind } from '../remediations/remediation.ts'
import { RemediationError } from '../remediations/remediation.ts'
import { orAborted } from './or-aborted.ts'
import type { Ports } from './ports.ts'
import { remediationContext } from './propose.ts'

type Report = (event: IncidentEvent, key: string) => Promise<void>

/** Progress worth an event of its own at most this often; the end is always reported. */
const PROGRESS_MS = 1_000
const LOOK_MS = 10_000

/**
 * Carries out a claimed remediation. The one place with an effect, and never called twice for the same approval: the record went to
 * `executing` before. What it throws or reports is final; nothing here retries.
 */
export async function execute(
  ports: Ports,
  incident: Incident,
  remediation: Remediation,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const found = kindAndService(ports, remediation)
  if ('outcome' in found) return finish(ports, remediation, found.outcome, report)
  const { kind, service } = found
  const context = remediationContext(ports, service, incident.id, signal)
  try {
    const switchedOff = await ports.switchedOff()
    if (switchedOff !== undefined) {
      return await finish(
        ports,
        remediation,
        { result: 'void', text: `Not done: incbot was switched off (${switchedOff}).` },
        report,
      )
    }
    const result = await kind.execute(context, remediation.plan, {
      id: remediation.id,
      by: remediation.approval?.name ?? remediation.approval?.by ?? 'incbot',
      approvedAt: remediation.approval?.at ?? ports.now(),
      reason: incident.title,
    })
    if ('void' in result) return await finish(ports, remediation, { result: 'void', text: result.void }, report)
    await report(
      { type: 'effect-applied', remediationId: remediation.id, effect: result.effect },
      `${remediation.id}:applied`,
    )
  } catch (error) {
    const outcome = failure(ports, remediation, error)
    if (outcome.result !== 'unknown') return await finish(ports, remediation, outcome, report)
    const seen = await whatCanBeSeen(kind, context, remediation)
    const text = `${outcome.text} ${seen} Please look before you press anything else.`
    await finish(ports, remediation, { ...outcome, text }, report)
  }
}

/** Watches an effect that is known to have happened, to its end. Only reads, so it may start again after a crash. */
export async function follow(
  ports: Ports,
  incident: Incident,
  remediation: Remediation,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const found = kindAndService(ports, remediation)
  if ('outcome' in found) return finish(ports, remediation, found.outcome, report)
  let last = 0
  let count = 0
  const outcome = await found.kind.follow(
    remediationContext(ports, found.service, incident.id, signal),
    remediation.plan,
    remediation.effect ?? {},
    (progress) => {
      if (ports.now() - last < PROGRESS_MS) return
      last = ports.now()
      count += 1
      report(
        { type: 'execution-progressed', remediationId: remediation.id, progress },
        `${remediation.id}:progress:${ports.owner}:${count}`,
      ).catch((error: unknown) =>
        ports.log.warn({ err: error, remediation: remediation.id }, 'Progress could not be recorded'),
      )
    },
  )
  if (!signal.aborted) await finish(ports, remediation, outcome, report)
}

/** Says that nobody knows, and what can be seen: the executor is gone and the record does not tell. */
export async function findOut(
  ports: Ports,
  incident: Incident,
  remediation: Remediation,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const found = kindAndService(ports, remediation)
  if ('outcome' in found) return finish(ports, remediation, found.outcome, report)
  const context = remediationContext(ports, found.service, incident.id, signal)
  const seen = await whatCanBeSeen(found.kind, context, remediation)
  const text = `incbot stopped in the middle of this and cannot tell whether it happened. ${seen} It will not be tried again by itself: please look, then ask for a fresh diagnosis.`
  await finish(ports, remediation, { result: 'unknown', text }, report)
}

/** One sentence, and quickly: somebody waits for it. */
async function whatCanBeSeen(
  kind: RemediationKind,
  context: RemediationContext,
  { id, plan, approval }: Remediation,
): Promise<string> {
  const deadline = AbortSignal.any([context.signal, AbortSignal.timeout(LOOK_MS)])
  try {
    const looking = kind.inspect({ ...context, signal: deadline }, plan, { id, approvedAt: approval?.at ?? 0 })
    return await orAborted(looking, deadline)
  } catch (error) {
    return `What can be seen: nothing (${error instanceof Error ? error.message : 'no answer'}).`
  }
}

/** Each ending has a key of its own: an executor that was thought dead may still report what it did. */
async function finish(ports: Ports, remediation: Remediation, outcome: Outcome, report: Report): Promise<void> {
  ports.meter.remediation(remediation.kind, outcome.result)
  await report(
    { type: 'execution-finished', remediationId: remediation.id, outcome },
    `${remediation.id}:finished:${outcome.result}`,
  )
}

function failure(ports: Ports, remediation: Remediation, error: unknown): Outcome {
  ports.log.error({ err: error, remediation: remediation.id, kind: remediation.kind }, 'Remediation failed')
  if (error instanceof RemediationError && error.effect === 'none')
    return { result: 'failed', text: `Nothing was changed: ${error.message}` }
  const why = error instanceof Error ? error.message : 'it failed'
  return {
    result: 'unknown',
    text: `It is not known whether this took effect: ${why}`,
  }
}

function kindAndService(
  ports: Ports,
  remediation: Remediation,
): { kind: RemediationKind; service: Service } | { outcome: Outcome } {
  const kind = ports.remediations.get(remediation.kind)
  const service = ports.catalogue().byName(remediation.plan.target.service)
  if (kind === undefined)
    return {
      outcome: {
        result: 'failed',
        text: `Nothing was changed: there is no remediation called ${remediation.kind} any more.`,
      },
    }
  if (service === undefined)
    return {
      outcome: {
        result: 'failed',
        text: `Nothing was changed: ${remediation.plan.target.service} is no longer in the catalogue.`,
      },
    }
  return { kind, service }
}
