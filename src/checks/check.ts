import type { z } from 'zod'
import type { ClusterSource, DeploySource, JsonSource, MetricsSource } from '../datasources/datasource.ts'
import type { FindingBody } from '../domain/finding.ts'
import type { Service } from '../domain/service.ts'

/**
 * What a check may ask. Each capability throws a `SourceError` with cause `not-configured` where the service has no such source,
 * records what was asked as evidence, and asks the same question of the same system only once per investigation.
 */
export interface CheckSources {
  metrics(): MetricsSource
  cluster(name: string): ClusterSource
  json(source: string): JsonSource
  deploys(): DeploySource
}

export interface CheckContext {
  readonly service: Service
  /** The moment the investigation is about; the check does not read a clock. */
  readonly now: number
  readonly sources: CheckSources
  /** Aborted at the check's deadline, and when the incident is over. */
  readonly signal: AbortSignal
}

/** Evidence group → the values it may have. */
export type Signals = Readonly<Record<string, readonly string[]>>

/** One question about a service, answered with numbers. It may ask anything of data sources and change nothing. */
export interface Check<Parameters = unknown> {
  readonly name: string
  readonly title: string
  /** Strict; every parameter has a default or is needed. */
  readonly parameters: z.ZodType<Parameters>
  /**
   * What it may emit; `incbot runbook lint` holds runbooks against it. A function where the runbook itself names the signal in the
   * check's parameters.
   */
  readonly signals: Signals | ((parameters: Parameters) => Signals)
  /** Ids of the facts it may state, for the same purpose. */
  readonly facts: readonly string[]
  /** Throws `SourceError` where it could not find out, which becomes an `unknown` finding. */
  run(context: CheckContext, parameters: Parameters): Promise<FindingBody>
}

/** Keeps the type of a check's parameters while it is written; the list of checks forgets it again. */
export function defineCheck<Parameters>(check: Check<Parameters>): Check {
  // The list hands a check only parameters that its own schema has parsed.
  return check as Check
}

/** What a check may emit with these parameters, as a runbook writes them; undefined where they are not parameters of it. */
export function signalsOf(check: Check, parameters: unknown): Signals | undefined {
  if (typeof check.signals !== 'function') return check.signals
  const parsed = check.parameters.safeParse(parameters)
  return parsed.success ? check.signals(parsed.data) : undefined
}
