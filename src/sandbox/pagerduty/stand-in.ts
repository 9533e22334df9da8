import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen, readBody, replyJson } from '../http.ts'
import { type AccountEvent, createAccount } from './account.ts'
import { createEventsApi } from './events-api.ts'
import { createFaults } from './faults.ts'
import { RATE_LIMIT_BODY } from './rate-limit.ts'
import { routingKeyOf } from './records.ts'
import { type Answer, createRest, type RestRequest } from './rest.ts'
import type {
  Delivery,
  FaultReply,
  LoggedRequest,
  PagerDutyStandIn,
  PagerDutyStandInOptions,
} from './stand-in-types.ts'
import { createSubscription, type Subscription } from './subscription.ts'
import { webhookFor } from './webhook.ts'

const MAX_BODY_BYTES = 1024 * 1024
const EVENTS = '/events'

/** Starts an account on a free loopback port. Stricter than the real service: what it does not know, it refuses. */
export async function startPagerDutyStandIn(options: PagerDutyStandInOptions): Promise<PagerDutyStandIn> {
  const now = options.now ?? Date.now
  const requests: LoggedRequest[] = []
  const deliveries: Delivery[] = []
  const listeners: ((delivery: Delivery) => void)[] = []
  const subscriptions: Subscription[] = []
  const faults = createFaults()
  let silent = false
  let doubled = false

  const account = createAccount({ services: options.services, users: options.users, now }, publish)
  const rest = createRest(account, options.token, now)
  const events = createEventsApi(account, options.services, now)

  function publish(event: AccountEvent): void {
    if (silent) return
    const webhook = webhookFor(event, now())
    for (const subscription of subscriptions) {
      subscription.enqueue(webhook)
      if (doubled) subscription.enqueue(webhook)
    }
  }

  function record(delivery: Delivery): void {
    deliveries.push(delivery)
    for (const listener of listeners) listener(delivery)
  }

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const at = now()
    const body = await readBody(req, MAX_BODY_BYTES)
    const request = { method: req.method ?? '', url: new URL(req.url ?? '/', server.url), headers: req.headers, body }
    const fault = faults.take(request.method, request.url.pathname)
    const answer = fault === undefined || fault === 'accept_then_hang' ? answerTo(request) : undefined
    const reply = fault === undefined ? answer : ordered(fault)
    requests.push(logged(request, at, reply?.status ?? 0))
    if (reply) send(res, reply)
    else if (fault === 'reset') req.socket.resetAndDestroy()
  }

  function answerTo(request: RestRequest): Answer {
    const { pathname } = request.url
    if (!pathname.startsWith(`${EVENTS}/`)) return rest.answer(request)
    return events.answer(request.method, pathname.slice(EVENTS.length), request.body)
  }

  /** A 429 that a test orders looks like PagerDuty's own unless it says otherwise. */
  function ordered(fault: FaultReply): Answer | undefined {
    if (fault === 'not_json') return { status: 200, body: undefined, headers: { 'content-type': 'text/html' } }
    if (typeof fault === 'string') return undefined
    const limited = fault.status === 429
    const headers = fault.headers ?? (limited ? rest.exhausted() : {})
    return { status: fault.status, body: fault.body ?? (limited ? RATE_LIMIT_BODY : {}), headers }
  }

  const server = await listen(handle)
  const agent = (userId?: string) => (userId === undefined ? undefined : account.user(userId))

  return {
    url: server.url,
    eventsUrl: `${server.url}${EVENTS}`,
    requests,
    deliveries,
    get subscriptions() {
      return subscriptions.map((one) => ({ url: one.url, active: one.active() }))
    },
    subscribe({ url, secrets }) {
      const { retryDelayMs = 1000, deliveryTimeoutMs = 5000 } = options
      subscriptions.push(createSubscription({ url, secrets, retryDelayMs, deliveryTimeoutMs, now, record }))
    },
    trigger(input) {
      const { id, number } = account.trigger(input)
      return { id, number }
    },
    acknowledge: (id, userId) => account.acknowledge(account.incident(id), agent(userId)),
    unacknowledge: (id) => account.unacknowledge(account.incident(id)),
    resolve: (id, userId) => account.resolve(account.incident(id), agent(userId)),
    reopen: (id, userId) => account.reopen(account.incident(id), agent(userId)),
    merge: (source, target, userId) => account.merge(account.incident(source), account.incident(target), agent(userId)),
    annotate(id, content, userId) {
      account.annotate(account.incident(id), content, agent(userId))
    },
    ping() {
      const data = { message: 'Hello from your friend Pagey!', type: 'ping' }
      publish({ eventType: 'pagey.ping', agent: undefined, data })
    },
    notes: (id) =>
      account.incident(id).notes.map((note) => ({ id: note.id, content: note.content, user: note.user?.email ?? '' })),
    routingKey: (serviceId) => routingKeyOf(account.service(serviceId).id),
    addOnCall: (policyId, user, level = 1) => account.addOnCall(policyId, user, level),
    setOnCall: (policyId, people) => account.replaceOnCall(policyId, people),
    addChangeEvent: (serviceId, summary, at) =>
      account.addChange({ service: account.service(serviceId), summary, source: 'deploys', at, links: [] }),
    async settled() {
      await Promise.all(subscriptions.map((one) => one.settled()))
    },
    silence(on) {
      silent = on
    },
    duplicate(on) {
      doubled = on
    },
    failNext: (match, reply, times = 1) => faults.add(match, reply, times),
    on(listener) {
      listeners.push(listener)
    },
    async stop() {
      await Promise.all(subscriptions.map((one) => one.stop()))
      await server.stop()
    },
  }
}

function logged({ method, url, body }: RestRequest, at: number, status: number): LoggedRequest {
  const entry = { method, path: url.pathname, query: url.search, status, at }
  if (body.length === 0) return entry
  try {
    return { ...entry, body: JSON.parse(body.toString('utf8')) }
  } catch {
    return { ...entry, body: body.toString('utf8') }
  }
}

function send(res: ServerResponse, { status, body, headers }: Answer): void {
  if (body !== undefined) {
    replyJson(res, status, body, headers)
    return
  }
  res.writeHead(status, headers)
  res.end('<html><body>Please wait.</body></html>')
}
