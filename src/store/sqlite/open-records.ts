import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Store } from '../store.ts'
import { StoreError } from '../store-error.ts'
import type { RecordSource } from '../transfer/record.ts'
import { type Database, openDatabase } from './database.ts'
import { isStoreFile } from './file.ts'
import { incidentTables } from './incidents.ts'
import { explained, inUse, openHere, readOwner } from './open.ts'
import { sqliteRecords } from './read-all.ts'
import { migrate } from './schema.ts'

/** What a store has recorded, for those who only look at it. */
export interface Records extends Pick<Store, 'incidentIds' | 'timeline'> {
  close(): void
}

const BUSY_TIMEOUT_MS = 500

/**
 * Reads a store that no process has open, and changes nothing of it: no lease, no schema, not even its log. It reads a copy, so that incbot can
 * start meanwhile; `copyIn` is where that lies until it is closed. Throws a StoreError; `in-use` while somebody has it open.
 */
export function openSqliteRecords(file: string, copyIn?: string): Records {
  const { database, close } = openCopy(file, copyIn)
  const incidents = incidentTables(database)
  return {
    incidentIds: async (after, limit) => incidents.ids(after, limit),
    timeline: async (incidentId) => incidents.timeline(incidentId),
    close,
  }
}

/** Everything that the store keeps, to be moved: as `openSqliteRecords`. Throws at the end too, where somebody has opened it meanwhile. */
export function openSqliteSource(file: string, copyIn?: string): RecordSource {
  const path = resolve(file)
  const { database, close } = openCopy(path, copyIn)
  const before = stateOf(path)
  return {
    async *records() {
      yield* sqliteRecords(database)
      if (stateOf(path) === before) return
      throw new StoreError(
        'unavailable',
        `An incbot was started on ${path} while its records were read, so this is not everything. Stop it, and try again.`,
      )
    },
    close: async () => close(),
  }
}

/** Every opening of a store writes to it. */
function stateOf(path: string): string {
  return [path, `${path}-wal`]
    .map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }))
    .map((stats) => `${stats?.size} ${stats?.mtimeNs}`)
    .join(' ')
}

/** A copy, which is brought to this incbot's schema, so that what an older one wrote can be read. */
function openCopy(
  file: string,
  copyIn: string = tmpdir(),
): { readonly database: Database; readonly close: () => void } {
  const path = resolve(file)
  if (openHere.has(path)) throw inUse(path, readOwner(path))
  if (!existsSync(path)) throw new StoreError('unavailable', `There are no records: ${path} does not exist.`)
  const folder = mkdtempSync(join(copyIn, 'incbot-records-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  let database: Database | undefined
  try {
    const copy = join(folder, 'incbot.db')
    copyUnderLock(path, copy)
    const opened = openDatabase(copy, BUSY_TIMEOUT_MS)
    database = opened
    migrate(opened, path)
    const close = (): void => {
      opened.abandon()
      remove()
    }
    return { database: opened, close }
  } catch (error) {
    database?.abandon()
    remove()
    throw explained(error, path)
  }
}

/**
 * A bot holds the file exclusively, so that a read fails at once. Once one succeeded, no bot can start until the copy is there: POSIX locks of a
 * process end when it closes the file that they are on, which is the last thing that is copied.
 */
function copyUnderLock(path: string, copy: string): void {
  if (!isStoreFile(path)) {
    const text = `The file ${path} is not a store of incbot. Choose the data directory that incbot uses: INCBOT_DATA_DIR.`
    throw new StoreError('not-a-store', text)
  }
  const index = `${path}-shm`
  const isIndexed = existsSync(index)
  const lock = openDatabase(`${pathToFileURL(path).href}?mode=ro`, BUSY_TIMEOUT_MS)
  try {
    lock.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`)
    copyFileSync(path, copy)
  } finally {
    lock.abandon()
    // Reading beside a log that a crash left needs an index, which incbot itself does not use.
    if (!isIndexed) rmSync(index, { force: true })
  }
}
