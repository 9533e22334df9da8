/**
 * What a request gets instead of its answer: a `Status`, silence, a connection that is cut before anything was done, or
 * one that is cut after everything was done, so that the client cannot know (`answer-lost`).
 */
export type Fault =
  | { readonly status: number; readonly reason?: string; readonly message?: string }
  | 'hang'
  | 'reset'
  | 'answer-lost'

export interface FaultMatch {
  readonly method?: string
  /** Tested against path and query. */
  readonly path?: RegExp
}

/** Faults to come, each used as often as was asked for, the oldest first. */
export class Faults {
  readonly #planned: { readonly match: FaultMatch; readonly fault: Fault; left: number }[] = []

  plan(match: FaultMatch, fault: Fault, times: number): void {
    this.#planned.push({ match, fault, left: times })
  }

  take(method: string, path: string): Fault | undefined {
    const found = this.#planned.find(
      ({ match, left }) =>
        left > 0 &&
        (match.method === undefined || match.method.toUpperCase() === method) &&
        (match.path === undefined || path.search(match.path) >= 0),
    )
    if (found) found.left -= 1
    return found?.fault
  }
}
