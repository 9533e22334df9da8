import { type Database, transaction } from './database.ts'

/** Bounds how long one transaction may keep the event loop. */
const LARGEST_GROUP = 128

interface Waiting {
  readonly apply: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export interface Writer {
  /** Runs `apply` in a transaction; resolves with its result once that is on the disk. When it throws, its changes are undone. */
  write<T>(apply: () => T): Promise<T>
  /** Writes at once what waits. */
  flush(): void
}

/**
 * Changes that arrive in one turn of the event loop share one transaction, and so one fsync. Each has its own savepoint: one that
 * throws takes none of the others with it. If the transaction itself fails, all of them reject.
 */
export function groupCommit(database: Database): Writer {
  let waiting: Waiting[] = []

  function flush(): void {
    const group = waiting.slice(0, LARGEST_GROUP)
    waiting = waiting.slice(LARGEST_GROUP)
    if (waiting.length > 0) setImmediate(flush)
    if (group.length > 0) settleGroup(group, database)
  }

  return {
    write: <T>(apply: () => T) =>
      new Promise<T>((resolve, reject) => {
        // `resolve` gets what `apply` returned, and nothing else.
        waiting.push({ apply, resolve: resolve as (value: unknown) => void, reject })
        if (waiting.length === 1) setImmediate(flush)
      }),
    flush: () => {
      while (waiting.length > 0) flush()
    },
  }
}

function settleGroup(group: readonly Waiting[], database: Database): void {
  let settlements: readonly (() => void)[]
  try {
    settlements = transaction(database, () => group.map((one) => applyOne(one, database)))
  } catch (error) {
    settlements = group.map(
      ({ reject }) =>
        () =>
          reject(error),
    )
  }
  for (const settle of settlements) settle()
}

/** Returns how to tell the waiting one once the transaction is on the disk. Throws when the transaction is lost. */
function applyOne({ apply, resolve, reject }: Waiting, database: Database): () => void {
  database.exec('SAVEPOINT one')
  try {
    const result = apply()
    database.exec('RELEASE one')
    return () => resolve(result)
  } catch (error) {
    // After errors such as a full disk SQLite has undone the whole transaction, including what the others wrote.
    if (!database.inTransaction()) throw error
    database.exec('ROLLBACK TO one; RELEASE one')
    return () => reject(error)
  }
}
