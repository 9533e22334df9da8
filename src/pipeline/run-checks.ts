import type { Check } from '../checks/check.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Asked, Finding, FindingBody, UnknownCause } from '../domain/finding.ts'
import type { CheckSpec } from '../domain/runbook.ts'
import type { Service } from '../domain/service.ts'
import type { Ports } from './ports.ts'
import { recordingSources } from './recording-sources.ts'

/** All checks at once, each with its own deadline; in the runbook's order. One that fails is an `unknown` finding and troubles no other. */
export function runChecks(
  ports: Pick<Ports, 'checks' | 'sources' | 'now' | 'meter' | 'log'>,
  service: Service,
  specs: readonly CheckSpec[],
  signal: AbortSignal,
  onFinding: (done: number, total: number) => void,
): Promise<readonly Finding[]> {
  const at = ports.now()
  const sources = ports.sources(service)
  let done = 0
  return Promise.all(
    specs.map(async (spec) => {
      const asked: Asked[] = []
      const check = ports.checks.get(spec.check)
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(spec.timeoutMs)])
      const started = performance.now()
      const body = await attempt(check, spec, {
        service,
        now: at,
        sources: recordingSources(sources, ports.now, (one) => asked.push(one)),
        signal: deadline,
      })
      const tookMs = performance.now() - started
      ports.meter.check(spec.check, body.verdict, tookMs)
      done += 1
      onFinding(done, specs.length)
      return { ...body, id: spec.id, check: spec.check, title: check?.title ?? spec.check, asked, tookMs }
    }),
  )

  async function attempt(
    check: Check | undefined,
    spec: CheckSpec,
    context: Parameters<Check['run']>[0],
  ): Promise<FindingBody> {
    if (check === undefined) return unknown('failed', `There is no check called ${spec.check}.`)
    try {
      return await orDeadline(check.run(context, spec.parameters), context.signal)
    } catch (error) {
      if (error instanceof SourceError) return unknown(error.kind, error.message, error.missingPermission)
      if (context.signal.aborted) return unknown('timeout', `No answer within ${spec.timeoutMs / 1000} s.`)
      ports.log.error({ err: error, check: spec.check, service: service.name }, 'Check failed')
      return unknown('failed', 'The check itself failed; the log says how.')
    }
  }
}

/** A check that ignores its signal must not hold up the diagnosis. */
function orDeadline<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
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
