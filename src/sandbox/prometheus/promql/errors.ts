/**
 * A query that cannot be answered, in the two kinds that Prometheus' HTTP API tells apart:
 * `bad_data` (the text is wrong, HTTP 400) and `execution` (the text is right, its evaluation failed, HTTP 422).
 */
export class PromqlError extends Error {
  readonly errorType: 'bad_data' | 'execution'
  constructor(errorType: 'bad_data' | 'execution', message: string) {
    super(message)
    this.name = 'PromqlError'
    this.errorType = errorType
  }
}

/** A refusal of the text at `offset` (characters), worded with line and column as Prometheus does. */
export function parseError(text: string, offset: number, problem: string): PromqlError {
  const before = text.slice(0, offset).split('\n')
  const column = (before.at(-1)?.length ?? 0) + 1
  return new PromqlError('bad_data', `${before.length}:${column}: parse error: ${problem}`)
}

/** The evaluation met data that it cannot combine. */
export function executionError(problem: string): PromqlError {
  return new PromqlError('execution', problem)
}

/** Valid PromQL that this stand-in does not know; `feature` names what is missing. */
export function unsupported(feature: string): PromqlError {
  return new PromqlError('execution', `not supported by this stand-in: ${feature}`)
}
