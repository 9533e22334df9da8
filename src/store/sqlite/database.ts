import Libsql from 'libsql'

type Value = string | number | null

/** A statement that was prepared once. `Row` names the columns of its SELECT. */
interface Query<Row> {
  get(...values: readonly Value[]): Row | undefined
  all(...values: readonly Value[]): readonly Row[]
  /** Row by row, for more than fits into memory. */
  each(...values: readonly Value[]): Iterable<Row>
  /** Returns how many rows were changed. */
  run(...values: readonly Value[]): number
}

/** libsql behind the few calls that the store makes; all of them block until SQLite is done. */
export interface Database {
  query<Row>(sql: string): Query<Row>
  exec(sql: string): void
  inTransaction(): boolean
  /** Folds the write-ahead log into the file and gives up the lock. */
  close(): void
  /** Lets go of a file that could not be used, without writing to it. */
  abandon(): void
}

/** Opens the file, creating it where it is absent. While another process holds it, waits for at most `busyTimeoutMs`, blocking. */
export function openDatabase(path: string, busyTimeoutMs: number): Database {
  const connection = new Libsql(path, { timeout: busyTimeoutMs })
  return {
    query<Row>(sql: string): Query<Row> {
      const statement = connection.prepare(sql)
      // The values go in as one array: libsql takes a single null for a missing parameter list.
      return {
        // The columns are those of the SELECT that stands beside `Row`.
        get: (...values) => statement.get(values) as Row | undefined,
        all: (...values) => statement.all(values) as Row[],
        each: (...values) => statement.iterate(values) as Iterable<Row>,
        run: (...values) => statement.run(values).changes,
      }
    },
    exec: (sql) => {
      connection.exec(sql)
    },
    inTransaction: () => connection.inTransaction,
    close: () => {
      // libsql keeps the file open until its last prepared statement is collected as garbage. Leaving the write-ahead log and
      // the exclusive mode first writes everything into the one file and gives the lock back at once.
      connection.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT count(*) FROM sqlite_schema')
      connection.close()
    },
    abandon: () => {
      connection.close()
    },
  }
}

/** Runs `body` in a transaction. When `body` or the commit throws, its changes are undone. */
export function transaction<T>(database: Database, body: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = body()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // After errors such as a full disk SQLite has undone it already.
    if (database.inTransaction()) database.exec('ROLLBACK')
    throw error
  }
}

/** SQLite's name of what went wrong, such as `SQLITE_FULL`; undefined for other errors. */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_')
    ? error.code
    : undefined
}
