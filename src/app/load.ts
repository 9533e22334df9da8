import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { missingToServe, readEnvironment } from '../config/environment.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { loadConfig } from '../config/load-config.ts'
import { loadRunbooks } from '../config/load-runbooks.ts'
import { formatProblem } from '../config/problem.ts'
import { readConfigFile, readRunbookFiles, readSecretFile } from '../config/read-files.ts'
import { scheduledRunbookProblems } from '../config/schedule-problems.ts'
import { readNamedSecrets } from '../config/secrets.ts'
import { TIME_TO_LIMIT } from '../domain/pre-alert.ts'
import type { Runbook } from '../domain/runbook.ts'
import { registries } from './registries.ts'

/** What is wrong with the configuration, one line each, for a person to read. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

export interface Loaded {
  readonly environment: Environment
  readonly config: Config
  /** By the name of the variable that incbot.yaml gives. */
  readonly secrets: ReadonlyMap<string, string>
}

/**
 * Reads environment, configuration and secrets; throws `ConfigurationError` with everything that is wrong, not just the first. `diagnose`
 * needs data sources only, `serve` also what Slack and PagerDuty want.
 */
export async function loadSettings(env: NodeJS.ProcessEnv, purpose: 'serve' | 'diagnose' = 'serve'): Promise<Loaded> {
  const reading = readEnvironment(env, readSecretFile)
  if (!reading.ok) throw new ConfigurationError(reading.problems)
  const { environment } = reading
  const loaded = await loadConfigFile(environment.config)
  const missing = purpose === 'serve' ? missingToServe(environment) : []
  if (!loaded.ok) throw new ConfigurationError([...missing, ...loaded.problems.map(formatProblem)])
  const named = readNamedSecrets(env, readSecretFile, loaded.config.secrets)
  if (!named.ok || missing.length > 0) throw new ConfigurationError([...missing, ...(named.ok ? [] : named.problems)])
  return { environment, config: loaded.config, secrets: named.secrets }
}

/** Reads and checks incbot.yaml. Throws `ConfigurationError` when it cannot be read. */
export async function loadConfigFile(path: string): Promise<LoadedConfig> {
  return loadConfig(path, await orConfigurationError(readConfigFile(path)), registries)
}

/** A file that is not there is a mistake in the configuration, not a bug. */
async function orConfigurationError<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    throw new ConfigurationError([error instanceof Error ? error.message : String(error)])
  }
}

export interface LoadedRunbookFolder {
  readonly runbooks: readonly Runbook[]
  /** One line each. */
  readonly problems: readonly string[]
  /** Files with problems. */
  readonly broken: ReadonlySet<string>
  readonly files: number
}

/** The runbooks of a folder. A broken one is left out with its problems and takes none of the others with it. */
export async function loadRunbookFolder(
  folder: string,
  services: readonly string[] | undefined,
): Promise<LoadedRunbookFolder> {
  const files = await orConfigurationError(readRunbookFiles(folder))
  const { runbooks, problems } = loadRunbooks(files, registries, services)
  return {
    runbooks,
    problems: problems.map(formatProblem),
    broken: new Set(problems.map(({ file }) => file)),
    files: files.length,
  }
}

/** What is wrong with the runbooks that `schedule:` names, one line each. Throws `ConfigurationError` when the file cannot be read. */
export async function scheduleProblemsOf(path: string, runbooks: readonly Runbook[]): Promise<readonly string[]> {
  const foretells = (name: string): boolean =>
    registries.checks.some((check) => check.name === name && check.facts.includes(TIME_TO_LIMIT))
  const text = await orConfigurationError(readConfigFile(path))
  return scheduledRunbookProblems(path, text, runbooks, foretells).map(formatProblem)
}
