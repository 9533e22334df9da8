import type { ServerResponse } from 'node:http'

/**
 * How the next request goes wrong: an answer of one's own, none at all (`hang`), a cut connection before the answer (`reset`)
 * or in the middle of it (`truncate`).
 */
export type Failure = { readonly status: number; readonly body: string } | 'hang' | 'reset' | 'truncate'

/** Failures that wait for their requests, first come first served. */
export class FailureQueue {
  readonly #waiting: Failure[] = []

  add(failure: Failure, times: number): void {
    for (let count = 0; count < times; count += 1) this.#waiting.push(failure)
  }

  next(): Failure | undefined {
    return this.#waiting.shift()
  }
}

/** Fails one request and returns the status that its client saw, 0 where it saw none. */
export function fail(failure: Failure, res: ServerResponse): number {
  if (failure === 'hang') return 0
  if (failure === 'reset') {
    res.destroy()
    return 0
  }
  if (failure === 'truncate') {
    const start = '{"status":"success","data":{"resultType":"vec'
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': start.length * 2 })
    res.write(start, () => res.destroy())
    return 200
  }
  const isJson = /^\s*[{[]/.test(failure.body)
  res.writeHead(failure.status, { 'content-type': isJson ? 'application/json' : 'text/plain; charset=utf-8' })
  res.end(failure.body)
  return failure.status
}
