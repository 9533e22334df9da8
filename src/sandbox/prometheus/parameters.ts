import { PromqlError } from './promql/errors.ts'
import { parseDurationMs } from './promql/literals.ts'

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

/** The refusal of one request parameter, worded as Prometheus does. */
export function invalidParameter(name: string, problem: string): PromqlError {
  return new PromqlError('bad_data', `invalid parameter "${name}": ${problem}`)
}

/** Milliseconds of a parameter that is Unix seconds or RFC 3339; `fallbackMs` when it is not given. Throws `PromqlError`. */
export function timeParameter(parameters: URLSearchParams, name: string, fallbackMs?: number): number {
  const text = parameters.get(name) ?? ''
  if (text === '' && fallbackMs !== undefined) return fallbackMs
  const atMs = decimal.test(text) ? Math.round(Number(text) * 1000) : rfc3339.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isSafeInteger(atMs)) return atMs
  throw invalidParameter(name, `cannot parse "${text}" to a valid timestamp`)
}

/** Milliseconds of a parameter that is seconds or a PromQL duration. Throws `PromqlError`. */
export function durationParameter(parameters: URLSearchParams, name: string): number {
  const text = parameters.get(name) ?? ''
  const durationMs = decimal.test(text) ? Number(text) * 1000 : parseDurationMs(text)
  if (durationMs !== undefined && Math.abs(durationMs) <= Number.MAX_SAFE_INTEGER) return durationMs
  throw invalidParameter(name, `cannot parse "${text}" to a valid duration`)
}
