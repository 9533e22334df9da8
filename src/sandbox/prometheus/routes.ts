import {
  buildInfo,
  type Endpoint,
  labelNames,
  labelValues,
  metadata,
  query,
  queryRange,
  seriesList,
} from './endpoints.ts'

interface Route {
  readonly endpoint: Endpoint
  readonly methods: readonly string[]
}

const readOrForm = ['GET', 'POST']
const fixed: ReadonlyMap<string, Route> = new Map([
  ['/api/v1/query', { endpoint: query, methods: readOrForm }],
  ['/api/v1/query_range', { endpoint: queryRange, methods: readOrForm }],
  ['/api/v1/series', { endpoint: seriesList, methods: readOrForm }],
  ['/api/v1/labels', { endpoint: labelNames, methods: readOrForm }],
  ['/api/v1/metadata', { endpoint: metadata, methods: ['GET'] }],
  ['/api/v1/status/buildinfo', { endpoint: buildInfo, methods: ['GET'] }],
])

/** The API call behind a path, or `undefined`. */
export function routeOf(path: string): Route | undefined {
  const label = /^\/api\/v1\/label\/([^/]+)\/values$/.exec(path)?.[1]
  return label === undefined ? fixed.get(path) : { endpoint: labelValues(label), methods: ['GET'] }
}

/** The text of the two health pages, or `undefined` for any other path. */
export function healthText(path: string): string | undefined {
  if (path === '/-/ready') return 'Prometheus Server is Ready.\n'
  return path === '/-/healthy' ? 'Prometheus Server is Healthy.\n' : undefined
}
