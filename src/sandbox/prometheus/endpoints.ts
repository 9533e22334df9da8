import { labelValue } from './engine/labels.ts'
import { firstAfter, firstAtOrAfter } from './engine/search.ts'
import type { Series, SeriesStore } from './engine/series-store.ts'
import type { Generation } from './engine/values.ts'
import { durationParameter, invalidParameter, timeParameter } from './parameters.ts'
import { PromqlError } from './promql/errors.ts'
import { parsePromql } from './promql/parse.ts'
import { instantQuery, rangeQuery } from './query.ts'

export interface Backend {
  readonly store: SeriesStore
  readonly generation: Generation
  readonly now: () => number
}

/** Answers the `data` part of one API call. Throws `PromqlError`. */
export type Endpoint = (backend: Backend, parameters: URLSearchParams) => unknown

/** What a real server refuses to compute in one range query. */
const mostPoints = 11_000

export const query: Endpoint = (backend, parameters) => {
  const atMs = timeParameter(parameters, 'time', backend.now())
  if (parameters.get('timeout')) durationParameter(parameters, 'timeout')
  return forQuery(() => instantQuery(backend, parameters.get('query') ?? '', atMs))
}

export const queryRange: Endpoint = (backend, parameters) => {
  const startMs = timeParameter(parameters, 'start')
  const endMs = timeParameter(parameters, 'end')
  if (endMs < startMs) throw invalidParameter('end', 'end timestamp must not be before start time')
  const stepMs = durationParameter(parameters, 'step')
  if (stepMs <= 0)
    throw invalidParameter(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  if ((endMs - startMs) / stepMs > mostPoints)
    throw new PromqlError(
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    )
  if (parameters.get('timeout')) durationParameter(parameters, 'timeout')
  const wholeStepMs = Math.max(1, Math.trunc(stepMs))
  return forQuery(() => rangeQuery(backend, parameters.get('query') ?? '', startMs, endMs, wholeStepMs))
}

export const seriesList: Endpoint = (backend, parameters) => {
  if (parameters.getAll('match[]').length === 0) throw new PromqlError('bad_data', 'no match[] parameter provided')
  return matching(backend, parameters).map(({ labels }) => labels)
}

export const labelNames: Endpoint = (backend, parameters) =>
  distinct(matching(backend, parameters).flatMap(({ labels }) => Object.keys(labels)))

/** The values of the label `name`. */
export function labelValues(name: string): Endpoint {
  return (backend, parameters) => {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) throw new PromqlError('bad_data', `invalid label name: "${name}"`)
    return distinct(matching(backend, parameters).map(({ labels }) => labelValue(labels, name))).filter(Boolean)
  }
}

export const metadata: Endpoint = () => ({})

export const buildInfo: Endpoint = ({ generation }) => ({
  version: `${generation}.0.0-incbot-sandbox`,
  revision: '',
  branch: '',
  buildUser: '',
  buildDate: '',
  goVersion: '',
})

/** Series that any `match[]` selects (all without one) and that have a sample between `start` and `end`. */
function matching({ store }: Backend, parameters: URLSearchParams): Series[] {
  const startMs = timeParameter(parameters, 'start', Number.MIN_SAFE_INTEGER)
  const endMs = timeParameter(parameters, 'end', Number.MAX_SAFE_INTEGER)
  const selectors = parameters.getAll('match[]').map((text) => selectorOf(text))
  const found = selectors.length === 0 ? store.all() : [...new Set(selectors.flatMap((one) => store.select(one)))]
  return found.filter(({ timesMs }) => firstAtOrAfter(timesMs, startMs) < firstAfter(timesMs, endMs))
}

function selectorOf(text: string) {
  const expression = parsePromql(text)
  if (expression.type === 'selector' && expression.offsetMs === undefined && expression.pinned === undefined)
    return expression.matchers
  throw invalidParameter('match[]', `${text} is not a plain series selector`)
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort()
}

/** Prometheus prefixes what is wrong with the text by the parameter that carried it. */
function forQuery<T>(evaluate: () => T): T {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof PromqlError && error.errorType === 'bad_data') throw invalidParameter('query', error.message)
    throw error
  }
}
