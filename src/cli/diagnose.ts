import { openSources } from '../app/connections.ts'
import { ConfigurationError, loadRunbookFolder, loadSettings } from '../app/load.ts'
import { checks } from '../checks/index.ts'
import { nearest } from '../config/did-you-mean.ts'
import type { Diagnosis } from '../domain/diagnosis.ts'
import type { Finding } from '../domain/finding.ts'
import type { Runbook } from '../domain/runbook.ts'
import type { Service } from '../domain/service.ts'
import { createLogger } from '../ops/logger.ts'
import { runRunbooks } from '../pipeline/run-runbooks.ts'
import { selectRunbooks } from '../pipeline/select-runbook.ts'
import { serviceSources } from '../pipeline/service-sources.ts'
import { explanation } from './explain.ts'

interface Output {
  readonly stdout: { write(text: string): unknown }
}

/** Runs a service's runbook once and prints the diagnosis. Needs the data sources, neither Slack nor PagerDuty. 0: answered; 2: no check got an answer. */
export async function diagnoseService(
  name: string,
  options: { readonly runbook?: string; readonly explain?: boolean },
  env: NodeJS.ProcessEnv,
  { stdout }: Output,
): Promise<number> {
  const { environment, config, secrets } = await loadSettings(env, 'diagnose')
  const service = config.services.find((one) => one.name === name)
  const names = config.services.map((one) => one.name)
  if (service === undefined) throw new ConfigurationError([notFound('service', name, names)])
  const { runbooks } = await loadRunbookFolder(environment.runbooks, names)
  const chosen = choose(runbooks, service, options.runbook)
  const now = Date.now
  const sources = openSources(config, {
    now,
    secret: (variable) => (variable === undefined ? undefined : secrets.get(variable)),
    changeEvents: undefined,
  })
  const ports = {
    now,
    checks: new Map(checks.map((check) => [check.name, check])),
    sources: (one: Service) => serviceSources(one, sources),
    meter: { check() {} },
    log: createLogger({ level: 'silent', secrets: [...secrets.values()] }),
  }
  const { runbook, findings, diagnosis } = await runRunbooks(ports, service, chosen, {
    alert: async () => [],
    signal: new AbortController().signal,
  })
  stdout.write(`${report(service, runbook, diagnosis, findings)}\n`)
  if (options.explain === true) stdout.write(`\n${explanation(runbook, diagnosis)}\n`)
  return diagnosis.answered === 0 ? 2 : 0
}

function choose(
  runbooks: readonly Runbook[],
  service: Service,
  wanted: string | undefined,
): readonly [Runbook, ...Runbook[]] {
  const named = runbooks.find((one) => one.name === wanted)
  if (named !== undefined) return [named]
  if (wanted !== undefined)
    throw new ConfigurationError([
      notFound(
        'runbook',
        wanted,
        runbooks.map((one) => one.name),
      ),
    ])
  const selection = selectRunbooks(runbooks, { origin: 'command', title: '', service: service.name }, 'unknown')
  if ('nothing' in selection) throw new ConfigurationError([selection.nothing])
  return selection.runbooks
}

function notFound(what: string, name: string, known: readonly string[]): string {
  const guess = nearest(name, known)
  return `There is no ${what} called ${name}.${guess === undefined ? '' : ` Did you mean ${guess}?`} Known: ${known.join(', ') || 'none'}.`
}

function report(service: Service, runbook: Runbook, diagnosis: Diagnosis, findings: readonly Finding[]): string {
  const { leading, conclusion, says, ruledOut, contradictions, now, fix, answered, asked } = diagnosis
  const sure = leading === undefined ? '' : ` (confidence ${leading.confidence.toFixed(2)})`
  return [
    `${service.name}, runbook ${runbook.name}: ${answered} of ${asked} checks answered`,
    '',
    `${conclusion}${sure}`,
    ...says.map((line) => `  ${line}`),
    ...(ruledOut.length > 0 ? [`  Unlikely: ${ruledOut.join('; ')}`] : []),
    ...contradictions.map((line) => `  Does not fit: ${line}`),
    ...now.map((line, index) => `  Now ${index + 1}: ${line}`),
    ...fix.map((line) => `  Fix: ${line}`),
    '',
    ...findings.map((one) => `${one.verdict.padEnd(7)}  ${one.title}: ${one.headline}`),
  ].join('\n')
}
