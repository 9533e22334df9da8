/**
 * Why a store cannot be opened or used. `in-use`: another process holds it. `not-a-store`: the file is something else. `corrupt`: it was
 * a store. `newer-schema`: a later incbot wrote it. `unavailable`: the disk or its permissions, or a server that does not answer. `misconfigured`: a
 * server that refuses the login, or would not keep what it is given. `closed`: used after `close()`. `half-imported`: an import is under way or was cut
 * off. `not-empty`: records are moved only to where there are none. `bad-export`: what was to be moved is not whole, or was changed.
 */
export type StoreProblem =
  | 'in-use'
  | 'not-a-store'
  | 'corrupt'
  | 'newer-schema'
  | 'unavailable'
  | 'misconfigured'
  | 'closed'
  | 'half-imported'
  | 'not-empty'
  | 'bad-export'

/** Its message is for people: what happened, what it means, what to do. */
export class StoreError extends Error {
  readonly problem: StoreProblem

  constructor(problem: StoreProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.problem = problem
  }
}
