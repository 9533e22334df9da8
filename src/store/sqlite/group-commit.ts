import { type Database, transaction } from './database.ts'

/** Bounds how long one transaction may keep the event loop. */
const LARGEST_GROUP = 128

interface Waiting {
  readonly apply: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export interface Writer {
  /**
   * Runs `apply` in a transaction; resolves with its result once that is on the disk. When it throws, its changes are undone. It may be run
   * twice, the first time undone, and so must have no effect but on the database.
   */
  write<T>(apply: () => T): Promise<T>
  /** Writes at once what waits. */
  flush(): void
}

/**
 * Changes that arrive in one turn of the event loop, or in turns that follow each other closely, share one transaction, and so one fsync. One that throws takes none of the others with
 * it: they are then applied again, each within a savepoint. If the transaction itself fails, all of them reject.
 */
export function groupCommit(database: Database): Writer {
  let waiting: Waiting[] = []

  /** As long as every turn brings more, one fsync for all of them is sooner done than several, during which nobody is heard. */
  function flushWhenQuiet(before: number): void {
    if (waiting.length > before && waiting.length < LARGEST_GROUP) setImmediate(flushWhenQuiet, waiting.length)
    else flush()
  }

  function flush(): void {
    const group = waiting.slice(0, LARGEST_GROUP)
    waiting = waiting.slice(LARGEST_GROUP)
    if (waiting.length > 0) setImmediate(flushWhenQuiet, waiting.length)
    if (group.length > 0) settleGroup(group, database)
  }

  return {
    write: <T>(apply: () => T) =>
      new Promise<T>((resolve, reject) => {
        // `resolve` gets what `apply` returned, and nothing else.
        waiting.push({ apply, resolve: resolve as (value: unknown) => void, reject })
        if (waiting.length === 1) setImmediate(flushWhenQuiet, 1)
      }),
    flush: () => {
      while (waiting.length > 0) flush()
    },
  }
}

function settleGroup(group: readonly Waiting[], database: Database): void {
  for (const settle of together(group, database) ?? oneByOne(group, database)) settle()
}

/** How to tell each of them; undefined when one threw, and nothing was changed. A savepoint would cost each more than its change does. */
function together(group: readonly Waiting[], database: Database): readonly (() => void)[] | undefined {
  let isApplied = false
  try {
    return transaction(database, () => {
      const settlements = group.map(({ apply, resolve }) => {
        const result = apply()
        return () => resolve(result)
      })
      isApplied = true
      return settlements
    })
  } catch (error) {
    return isApplied ? rejections(group, error) : undefined
  }
}

function oneByOne(group: readonly Waiting[], database: Database): readonly (() => void)[] {
  try {
    return transaction(database, () => group.map((one) => applyOne(one, database)))
  } catch (error) {
    return rejections(group, error)
  }
}

function rejections(group: readonly Waiting[], error: unknown): readonly (() => void)[] {
  return group.map(
    ({ reject }) =>
      () =>
        reject(error),
  )
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
