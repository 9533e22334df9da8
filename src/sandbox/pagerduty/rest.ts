import type { IncomingHttpHeaders } from 'node:http'
import findMyWay from 'find-my-way'
import type { Account } from './account.ts'
import { accountRoutes } from './account-routes.ts'
import { incidentRoutes } from './incident-routes.ts'
import { createRateLimit, RATE_LIMIT_BODY } from './rate-limit.ts'
import { invalidInput, notFound, Refusal } from './refusal.ts'
import type { Route } from './route.ts'
import type { UserRecord } from './stand-in-types.ts'

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface RestRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const ACCEPT = 'application/vnd.pagerduty+json;version=2'

/** The REST API: who asks, how often, and whether the operation accepts every parameter, before anything is done. */
export function createRest(account: Account, token: string, now: () => number) {
  const limit = createRateLimit(now)
  const router = findMyWay()
  for (const route of [...incidentRoutes(account, now), ...accountRoutes(account, now)]) {
    router.on(route.method, route.path, () => undefined, route)
  }

  function perform(request: RestRequest): Answer {
    // find-my-way types its methods as a union; a method outside of it finds nothing.
    const match = router.find(request.method as 'GET', request.url.pathname)
    if (!match) throw notFound()
    // Every route was registered above with itself as its store.
    const route = match.store as Route
    for (const name of request.url.searchParams.keys()) {
      if (!route.query.includes(name)) throw invalidInput(`Unknown parameter ${name}`)
    }
    return route.answer({
      params: match.params,
      query: request.url.searchParams,
      body: route.method === 'GET' ? undefined : json(request),
      from: route.needsFrom ? requester(account, request.headers.from) : undefined,
    })
  }

  return {
    exhausted: limit.exhausted,

    answer(request: RestRequest): Answer {
      const authorization = request.headers.authorization
      if (authorization !== `Token token=${token}` && authorization !== `Bearer ${token}`) {
        return { status: 401, body: { error: { message: 'Authentication failed', code: 2006 } } }
      }
      const { allowed, headers } = limit.take()
      if (!allowed) return { status: 429, body: RATE_LIMIT_BODY, headers }
      try {
        if (request.headers.accept !== ACCEPT) throw invalidInput(`Accept must be ${ACCEPT}`)
        return { ...perform(request), headers }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { status: error.status, body: error.body, headers }
      }
    },
  }
}

function requester(account: Account, from: string | undefined): UserRecord {
  if (!from) throw new Refusal(400, 2011, 'You must specify a requester_id to perform this action', ['From header'])
  const user = account.users.find(({ email }) => email === from)
  if (!user) throw new Refusal(400, 1008, 'Requester User Not Found')
  return user
}

function json(request: RestRequest): unknown {
  if (!request.headers['content-type']?.startsWith('application/json')) throw invalidInput('Content-Type must be JSON')
  try {
    return JSON.parse(request.body.toString('utf8'))
  } catch {
    throw invalidInput('The body is not JSON')
  }
}
