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

/** One question about a service, answered with numbers. It may ask anything of data sources and change nothing. */
export interface Check<Parameters = unknown> {
  readonly name: string
  readonly title: string
  /** Strict; every parameter has a default or is needed. */
  readonly parameters: z.ZodType<Parameters>
  /** Evidence group → the values it may emit; `incbot runbook lint` holds runbooks against it. */
  readonly signals: Readonly<Record<string, readonly string[]>>
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
