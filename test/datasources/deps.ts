import type { DataSource, DataSourceDeps, DataSourceKind } from '../../src/datasources/datasource.ts'
import { NOW } from '../builders.ts'

/** Opens a data source as incbot.yaml would. */
export function opened(kind: DataSourceKind, settings: object, deps: Partial<DataSourceDeps> = {}): DataSource {
  return kind.open('source', kind.config.parse(settings), {
    now: () => NOW,
    secret: () => undefined,
    changeEvents: undefined,
    ...deps,
  })
}

/** A capability that the kind says it offers. */
export function offered<T>(capability: T | undefined): T {
  if (capability === undefined) throw new Error('The data source does not offer this.')
  return capability
}

export const inTime = (): AbortSignal => AbortSignal.timeout(10_000)

export const failureOf = (question: Promise<unknown>): Promise<unknown> =>
  question.then(
    () => undefined,
    (error: unknown) => error,
  )
