import findMyWay from 'find-my-way'
import type { Route, RouteRequest } from './route.ts'

export type Found =
  | { readonly route: Route; readonly params: RouteRequest['params']; readonly query: RouteRequest['query'] }
  /** Which methods the path has; none where it does not exist. */
  | { readonly route: undefined; readonly allowed: readonly string[] }

/** Longer than any service's name, percent-encoded. */
const MAX_PARAMETER_LENGTH = 1_000

/** Finds the route of a request; an address that cannot be decoded has none. Never throws. */
export function createRouter(routes: readonly Route[]): (method: string, url: string) => Found {
  const router = findMyWay({
    maxParamLength: MAX_PARAMETER_LENGTH,
    querystringParser: readQuery,
  })
  // The handler is never called: `find` is all that is used.
  for (const route of routes) router.on(route.method, route.path, () => undefined, route)
  const methods = [...new Set(routes.map(({ method }) => method))]

  function lookUp(method: string, url: string): Extract<Found, { route: object }> | undefined {
    // find-my-way types methods as a union; one outside of it finds nothing. The store is what `on` was given above.
    const found = router.find(method as 'GET', url)
    const route = found?.store as Route | undefined
    if (!found || !route || !reaches(route, url)) return undefined
    // It is what `readQuery` made of it, whatever find-my-way's types say.
    return { route, params: found.params, query: found.searchParams as unknown as RouteRequest['query'] }
  }

  return (method, url) =>
    lookUp(method, url) ?? { route: undefined, allowed: methods.filter((one) => lookUp(one, url) !== undefined) }
}

const NONE: Record<string, readonly string[]> = Object.freeze({})

function readQuery(text: string): Record<string, readonly string[]> {
  if (text === '') return NONE
  const values = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(text)) {
    const same = values.get(name)
    if (same) same.push(value)
    else values.set(name, [value])
  }
  return Object.fromEntries(values)
}

/** A mounted listener compares the path for itself, undecoded: another spelling of it would be an error there. */
function reaches(route: Route, url: string): boolean {
  return !('mount' in route) || url.split('?', 1)[0] === route.path
}
