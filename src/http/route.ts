import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'

export interface RouteRequest {
  readonly headers: IncomingHttpHeaders
  /** Named parts of the path, decoded. */
  readonly params: Readonly<Record<string, string | undefined>>
  /** All values of each name, in order. */
  readonly query: Readonly<Record<string, readonly string[] | undefined>>
  /** Empty unless the route reads bodies. */
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  /** An object is sent as JSON; for a text, `headers` say what it is. */
  readonly body: object | string
  readonly headers?: Readonly<Record<string, string>>
}

interface Place {
  readonly method: 'GET' | 'POST'
  /** As find-my-way reads it: `/v1/freezes/:service`. */
  readonly path: string
  /** How long it may take to answer, after which the client is told to come again; the server's own limit where absent. */
  readonly answerMs?: number
}

/** A route that decides: the server reads for it and writes for it. One that rejects is answered with 500. */
export interface AnsweringRoute extends Place {
  /** Absent: the body is not read. A larger one is answered with 413. */
  readonly bodyLimitBytes?: number
  /** Asked before the body is read: what it returns is the answer, and the body of a stranger costs nothing. */
  readonly refuse?: (headers: IncomingHttpHeaders) => Answer | undefined
  readonly answer: (request: RouteRequest) => Promise<Answer>
}

/** A route that gets the request unread and answers for itself, such as another library's listener. */
export interface MountedRoute extends Place {
  readonly mount: (req: IncomingMessage, res: ServerResponse) => unknown
}

export type Route = AnsweringRoute | MountedRoute
