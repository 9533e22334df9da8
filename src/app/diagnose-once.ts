import { checks } from '../checks/index.ts'
import { nearest } from '../config/did-you-mean.ts'
import type { Runbook } from '../domain/runbook.ts'
import type { Service } from '../domain/service.ts'
import type { RunbookResult } from '../pipeline/run-runbooks.ts'
import { runRunbooks } from '../pipeline/run-runbooks.ts'
import { selectRunbooks } from '../pipeline/select-runbook.ts'
import { serviceSources } from '../pipeline/service-sources.ts'
import { openSources } from './connections.ts'
import { ConfigurationError, loadRunbookFolder, loadSettings } from './load.ts'
import { createLog } from './log.ts'

/**
 * Runs the runbooks of a service once, here and now. Needs its data sources, neither Slack nor PagerDuty, and changes nothing. Throws
 * `ConfigurationError` for a service or a runbook that does not exist.
 */
export async function diagnoseOnce(
  serviceName: string,
  runbookName: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<RunbookResult & { readonly service: Service }> {
  const loaded = await loadSettings(env, 'diagnose')
  const { environment, config, secrets } = loaded
  const names = config.services.map((one) => one.name)
  const service = config.services.find((one) => one.name === serviceName)
  if (service === undefined) throw new ConfigurationError([notFound('service', serviceName, names)])
  const { runbooks } = await loadRunbookFolder(environment.runbooks, names)
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
    log: createLog({ ...loaded, environment: { ...environment, logLevel: 'silent' } }).log,
  }
  const result = await runRunbooks(ports, service, choose(runbooks, service, runbookName), {
    alert: async () => [],
    signal: new AbortController().signal,
  })
  return { service, ...result }
}

function choose(
  runbooks: readonly Runbook[],
  service: Service,
  wanted: string | undefined,
): readonly [Runbook, ...Runbook[]] {
  const named = runbooks.find((one) => one.name === wanted)
  if (named !== undefined) return [named]
  if (wanted !== undefined) {
    const names = runbooks.map((one) => one.name)
    throw new ConfigurationError([notFound('runbook', wanted, names)])
  }
  const selection = selectRunbooks(runbooks, { origin: 'command', title: '', service: service.name }, 'unknown')
  if ('nothing' in selection) throw new ConfigurationError([selection.nothing])
  return selection.runbooks
}

function notFound(what: string, name: string, known: readonly string[]): string {
  const guess = nearest(name, known)
  return `There is no ${what} called ${name}.${guess === undefined ? '' : ` Did you mean ${guess}?`} Known: ${known.join(', ') || 'none'}.`
}
