import { setTimeout as sleep } from 'node:timers/promises'
import type { IncidentEvent } from '../domain/event.ts'
import type { Incident } from '../domain/incident.ts'
import type { Outcome, Remediation } from '../domain/remediation.ts'
import type { RemediationContext, RemediationKind } from '../remediations/remediation.ts'
import { RemediationError } from '../remediations/remediation.ts'
import { orAborted } from './or-aborted.ts'
import type { Hold, Ports } from './ports.ts'
import { offers } from './propose.ts'
import { remediationContext } from './remediation-context.ts'

type Report = (event: IncidentEvent, key: string) => Promise<void>

/** Progress worth an event of its own at most this often; the end is always reported. */
const PROGRESS_MS = 1_000
const LOOK_MS = 10_000
/** A cluster that is away for a moment must not keep what goes wrong from being stopped. */
const HALT_WITHIN_MS = 120_000
const HALT_AGAIN_MS = 2_000

/** What happens to one remediation, wherever in its life it is. */
export interface Work {
  readonly incident: Incident
  readonly remediation: Remediation
  readonly report: Report
  readonly hold: Hold
}

/**
 * Carries out a claimed remediation. The one place with an effect, and never called twice for the same approval: the record went to
 * `executing` before. What it throws or reports is final; nothing here retries.
 */
export const execute = (ports: Ports, work: Work): Promise<void> =>
  withKind(ports, work, async (kind, context) => {
    const { incident, remediation, report } = work
    try {
      const switchedOff = await ports.switchedOff()
      if (switchedOff !== undefined) {
        const text = `Not done: incbot was switched off (${switchedOff}).`
        return await finish(ports, work, { result: 'void', text })
      }
      const result = await kind.execute(context, remediation.plan, {
        id: remediation.id,
        by: remediation.approval?.name ?? remediation.approval?.by ?? 'incbot',
        approvedAt: remediation.approval?.at ?? ports.now(),
        reason: incident.title,
      })
      if ('void' in result) return await finish(ports, work, { result: 'void', text: result.void })
      await report(
        { type: 'effect-applied', remediationId: remediation.id, effect: result.effect },
        `${remediation.id}:applied`,
      )
    } catch (error) {
      const outcome = failure(ports, remediation, error)
      if (outcome.result !== 'unknown') return await finish(ports, work, outcome)
      const seen = await whatCanBeSeen(kind, context, remediation)
      const text = `${outcome.text} ${seen} Please look before you press anything else.`
      await finish(ports, work, { ...outcome, text })
    }
  })

/** Watches an effect that is known to have happened, to its end. Only reads, so it may start again after a crash. */
export const follow = (ports: Ports, work: Work): Promise<void> =>
  withKind(ports, work, async (kind, context) => {
    const { remediation, report, hold } = work
    let last = 0
    let count = 0
    const outcome = await kind.follow(context, remediation.plan, remediation.effect ?? {}, (progress) => {
      if (ports.now() - last < PROGRESS_MS) return
      last = ports.now()
      count += 1
      report(
        { type: 'execution-progressed', remediationId: remediation.id, progress },
        `${remediation.id}:progress:${ports.owner}:${count}`,
      ).catch((error: unknown) =>
        ports.log.warn({ err: error, remediation: remediation.id }, 'Progress could not be recorded'),
      )
    })
    if (hold.signal.aborted) return
    if (!('halt' in outcome)) return finish(ports, work, outcome)
    await report(
      { type: 'halt-wanted', remediationId: remediation.id, reason: outcome.halt },
      `${remediation.id}:halt-wanted`,
    )
  })

/** Keeps from going on what must not, and offers what comes next. Halting may be repeated, so it is tried until it worked. */
export const halt = (ports: Ports, work: Work): Promise<void> =>
  withKind(ports, work, async (kind, context) => {
    const { remediation, incident } = work
    const { signal } = work.hold
    const reason = remediation.halt?.reason ?? 'it was called off'
    const until = ports.now() + HALT_WITHIN_MS
    for (;;) {
      try {
        const halted = await kind.halt(context, remediation.plan, remediation.effect ?? {}, reason)
        // Measured like what it undoes, and bound to no diagnosis: it is about what just went wrong.
        const { investigationId, verifyAfterMs, verifyAgainAfterMs } = remediation
        const origin = {
          ...(investigationId !== undefined && { investigationId }),
          ...(verifyAfterMs !== undefined && { verifyAfterMs }),
          ...(verifyAgainAfterMs !== undefined && { verifyAgainAfterMs }),
        }
        const next = await offers(ports, context.service, incident.id, halted.offers, origin, signal)
        return await finish(ports, work, halted.outcome, next)
      } catch (error) {
        if (signal.aborted) return
        const why = error instanceof Error ? error.message : 'no answer'
        ports.log.warn({ err: error, remediation: remediation.id }, 'A remediation could not be halted yet')
        if (ports.now() > until) {
          const text = `It should stop (${reason}) and could not be stopped: ${why} Please look, and stop it by hand.`
          return finish(ports, work, { result: 'failed', text })
        }
        await sleep(HALT_AGAIN_MS, undefined, { signal }).catch(() => undefined)
      }
    }
  })

/** Says that nobody knows, and what can be seen: the executor is gone and the record does not tell. */
export const findOut = (ports: Ports, work: Work): Promise<void> =>
  withKind(ports, work, async (kind, context) => {
    const seen = await whatCanBeSeen(kind, context, work.remediation)
    const text = `incbot stopped in the middle of this and cannot tell whether it happened. ${seen} It will not be tried again by itself: please look, then ask for a fresh diagnosis.`
    await finish(ports, work, { result: 'unknown', text })
  })

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
async function finish(
  ports: Ports,
  { remediation, report }: Work,
  outcome: Outcome,
  offered: readonly Remediation[] = [],
): Promise<void> {
  ports.meter.remediation(remediation.kind, outcome.result)
  await report(
    {
      type: 'execution-finished',
      remediationId: remediation.id,
      outcome,
      ...(offered.length > 0 && { offers: offered }),
    },
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

/** A kind of fix or a service that is gone since the approval ends the remediation without any effect. */
async function withKind(
  ports: Ports,
  work: Work,
  act: (kind: RemediationKind, context: RemediationContext) => Promise<void>,
): Promise<void> {
  const { incident, remediation, hold } = work
  const kind = ports.remediations.get(remediation.kind)
  const service = ports.catalogue().byName(remediation.plan.target.service)
  if (kind !== undefined && service !== undefined) {
    return act(kind, remediationContext(ports, service, incident.id, hold))
  }
  const gone =
    kind === undefined
      ? `there is no remediation called ${remediation.kind} any more`
      : `${remediation.plan.target.service} is no longer in the catalogue`
  await finish(ports, work, { result: 'failed', text: `Nothing was changed: ${gone}.` })
}
