import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Store } from '../store.ts'
import { StoreError } from '../store-error.ts'
import { type Database, openDatabase, sqliteCode } from './database.ts'
import { APPLICATION_ID, prepareFile } from './file.ts'
import { openLeases } from './leases.ts'
import { migrate } from './schema.ts'
import { sqliteStore } from './sqlite-store.ts'

export interface SqliteStoreOptions {
  /** The file; its directory is created. */
  readonly path: string
  /** Who opens it, such as host and process id: told to whoever finds it in use. */
  readonly ownerId: string
}

/** A predecessor that is just shutting down gets this long to give the file back. */
const BUSY_TIMEOUT_MS = 1000

/** POSIX locks belong to the process and vanish when it closes any descriptor of the file, so a second opening here must not even look. */
export const openHere: Set<string> = new Set()

/**
 * Opens the store in one file, alone: nobody else can open it until this process closes it or dies. Durable: what a promise resolved
 * for is on the disk (`synchronous=FULL`). The write-ahead log is used because a commit then costs one fsync instead of four, and
 * its usual drawback, the shared-memory file, does not exist under an exclusive lock; closing folds it back into the one file.
 * Throws a StoreError (see `StoreProblem`) and leaves a file that it cannot use as it is.
 */
export async function openSqliteStore({ path: file, ownerId }: SqliteStoreOptions): Promise<Store> {
  const { database, extra: leases, release } = openAlone(file, ownerId, openLeases)
  return sqliteStore(database, leases, release)
}

/**
 * Opens and locks the file for this process alone, brings its schema up to date, and says in the file beside it who has it. `release` is called once
 * the database was closed.
 */
export function openAlone<Extra>(
  file: string,
  ownerId: string,
  prepare: (database: Database) => Extra,
): { readonly database: Database; readonly extra: Extra; readonly release: () => void } {
  const path = resolve(file)
  if (openHere.has(path)) throw inUse(path, ownerId)
  const { isNew } = prepareFile(path)
  let database: Database | undefined
  try {
    database = openDatabase(path, BUSY_TIMEOUT_MS)
    lockAndCheck(database, path, isNew)
    migrate(database, path)
    const extra = prepare(database)
    writeFileSync(ownerFile(path), `${ownerId}\n`, { mode: 0o600 })
    openHere.add(path)
    return { database, extra, release: () => openHere.delete(path) }
  } catch (error) {
    database?.abandon()
    throw explained(error, path)
  }
}

function lockAndCheck(database: Database, path: string, isNew: boolean): void {
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
  // Before the write-ahead log takes over, so that the file itself, not its log, says whose it is.
  if (isNew) database.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
  const problem = database.query<{ quick_check: string }>('PRAGMA quick_check(1)').get()?.quick_check
  if (problem !== 'ok') throw corrupt(path, (problem ?? 'no answer').replace(/\s+/g, ' '))
  database.exec('PRAGMA journal_mode = WAL')
}

export function explained(error: unknown, path: string): Error {
  const code = sqliteCode(error)
  if (code?.startsWith('SQLITE_BUSY')) return inUse(path, readOwner(path))
  if (code?.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return corrupt(path, code, error)
  if (!code) return error instanceof Error ? error : new Error(String(error))
  return new StoreError(
    'unavailable',
    `The store ${path} cannot be used: ${code}. incbot keeps its records there and does not start without it. Check the disk's free space and health.`,
    { cause: error },
  )
}

export function inUse(path: string, owner: string | undefined): StoreError {
  return new StoreError(
    'in-use',
    `The store ${path} is in use by another incbot${owner ? ` (${owner})` : ''}. Only one process may use it at a time, ` +
      'or both would act on the same incidents. Stop the other one, or give this one its own data directory.',
  )
}

function corrupt(path: string, detail: string, cause?: unknown): StoreError {
  return new StoreError(
    'corrupt',
    `The store ${path} is damaged (${detail}); it was left as it is. Restore it from a backup, or move it away together with the files ` +
      'beside it: incbot then starts empty and asks PagerDuty for the open incidents.',
    { cause },
  )
}

function ownerFile(path: string): string {
  return `${path}.owner`
}

/** Who holds the store, or held it last. */
export function readOwner(path: string): string | undefined {
  try {
    return readFileSync(ownerFile(path), 'utf8').trim()
  } catch {
    return undefined
  }
}
