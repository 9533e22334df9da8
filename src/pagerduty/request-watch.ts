import type http from 'node:http'

/** What is seen of one request below the HTTP client. */
export interface RequestWatch {
  /** The connection stands, so from now on the request may arrive whole. */
  connected(): void
  /** The head of the answer, before the HTTP client learns of it. */
  answered(status: number, headers: http.IncomingHttpHeaders): void
}

interface RequestTaker {
  addRequest(request: http.ClientRequest, ...rest: unknown[]): void
}

/**
 * An agent for one request that shares the sockets of `shared`. node-fetch (below pdjs) tells neither whether a failed
 * request had left nor that a 429 arrived, and pdjs repeats a 429 after a fixed 20 s: here both are seen in time.
 */
export function watchedAgent(shared: http.Agent, watch: RequestWatch): http.Agent {
  // `addRequest` is what node:http calls on any agent; its types leave it out.
  const taker = shared as unknown as RequestTaker
  const addRequest: RequestTaker['addRequest'] = (request, ...rest) => {
    request.once('socket', (socket) => {
      if (!socket.connecting) watch.connected()
      else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => watch.connected())
    })
    request.once('response', (response) => watch.answered(response.statusCode ?? 0, response.headers))
    taker.addRequest(request, ...rest)
  }
  // Everything else is inherited from the shared agent, which is one.
  return Object.create(shared, { addRequest: { value: addRequest } }) as http.Agent
}
