import type { Check } from '../checks/check.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Finding, FindingBody, UnknownCause } from '../domain/finding.ts'
import type { CheckSpec } from '../domain/runbook.ts'
import type { Service } from '../domain/service.ts'
import { orAborted } from './or-aborted.ts'
import type { Meter, Ports } from './ports.ts'
import type { Questioner } from './shared-questions.ts'
import { shareQuestions } from './shared-questions.ts'

/** All checks at once, each with its own deadline; in the runbook's order. One that fails is an `unknown` finding and troubles no other. */
export async function runChecks(
  ports: Pick<Ports, 'checks' | 'sources' | 'now' | 'log'> & { readonly meter: Pick<Meter, 'check'> },
  service: Service,
  specs: readonly CheckSpec[],
  signal: AbortSignal,
  onFinding: (done: number, total: number) => void,
): Promise<readonly Finding[]> {
  const at = ports.now()
  const over = new AbortController()
  const newQuestioner = shareQuestions(
    service,
    ports.sources(service),
    ports.now,
    AbortSignal.any([signal, over.signal]),
  )
  let done = 0
  try {
    return await Promise.all(specs.map(runOne))
  } finally {
    // Questions that nobody waits for any longer.
    over.abort(new Error('All checks have ended'))
  }

  async function runOne(spec: CheckSpec): Promise<Finding> {
    const check = ports.checks.get(spec.check)
    const started = performance.now()
    const questioner = newQuestioner(spec.timeoutMs)
    const body = await attempt(check, spec, questioner)
    const tookMs = performance.now() - started
    ports.meter.check(spec.check, body.verdict, tookMs)
    done += 1
    onFinding(done, specs.length)
    return {
      ...body,
      id: spec.id,
      check: spec.check,
      // A check that a runbook runs several times is told apart by the name it has there.
      title: spec.id === spec.check ? (check?.title ?? spec.check) : `${check?.title ?? spec.check} ${spec.id}`,
      asked: [...questioner.asked],
      tookMs,
    }
  }

  async function attempt(
    check: Check | undefined,
    spec: CheckSpec,
    { sources, waitingFor }: Questioner,
  ): Promise<FindingBody> {
    if (check === undefined) return unknown('failed', `There is no check called ${spec.check}.`)
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(spec.timeoutMs)])
    const context = { service, now: at, sources, signal: deadline }
    try {
      return await orAborted(check.run(context, spec.parameters), deadline)
    } catch (error) {
      if (error instanceof SourceError) return unknown(error.kind, error.message, error.missingPermission)
      if (deadline.aborted) return unknown('timeout', tooLate(spec, waitingFor()))
      ports.log.error({ err: error, check: spec.check, service: service.name }, 'Check failed')
      return unknown('failed', 'The check itself failed; the log says how.')
    }
  }
}

function tooLate({ timeoutMs }: CheckSpec, silent: readonly string[]): string {
  const who = silent.length === 0 ? '' : ` from ${silent.join(' and ')}`
  return `No answer${who} within ${timeoutMs / 1000} s.`
}

function unknown(cause: UnknownCause, text: string, missingPermission?: string): FindingBody {
  return {
    verdict: 'unknown',
    headline: missingPermission === undefined ? text : `${text} Missing permission: ${missingPermission}.`,
    details: [],
    facts: [],
    signals: {},
    charts: [],
    unknown: { cause, text, ...(missingPermission !== undefined && { missingPermission }) },
  }
}
