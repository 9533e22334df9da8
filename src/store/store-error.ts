/**
 * Why a store cannot be opened or used. `in-use`: another process holds it. `not-a-store`: the file is something else. `corrupt`: it was
 * a store. `newer-schema`: a later incbot wrote it. `unavailable`: the disk or its permissions. `closed`: used after `close()`.
 */
export type StoreProblem = 'in-use' | 'not-a-store' | 'corrupt' | 'newer-schema' | 'unavailable' | 'closed'

/** Its message is for people: what happened, what it means, what to do. */
export class StoreError extends Error {
  readonly problem: StoreProblem

  constructor(problem: StoreProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.problem = problem
  }
}
