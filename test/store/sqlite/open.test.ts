import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import Libsql from 'libsql'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { migrate } from '../../../src/store/sqlite/schema.ts'
import { StoreError } from '../../../src/store/store-error.ts'
import { aGroupedArrival, anEvent, arrive, clicksIn, NOW } from '../../contract/records.ts'
import { type Child, start, typescriptCommand } from './child.ts'
import { temporaryDirectory } from './temporary-store.ts'

describe('opening the SQLite store', () => {
  let directory: string
  let path: string
  let remove: () => void
  beforeEach(() => {
    ;({ directory, remove } = temporaryDirectory())
    path = join(directory, 'incbot.db')
  })
  const children: Child[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.process.kill('SIGKILL')
    remove()
  })
  const hold = (): Child => {
    const child = start(typescriptCommand(new URL('hold-store.ts', import.meta.url), path))
    children.push(child)
    return child
  }

  const open = (file = path) => openSqliteStore({ path: file, ownerId: 'test' })
  const problem = async (file = path): Promise<StoreError> => {
    const error = await open(file).then(
      () => 'opened',
      (reason: unknown) => reason,
    )
    if (!(error instanceof StoreError)) throw new Error(`Not refused with a StoreError: ${String(error)}`)
    return error
  }
  const aClosedStore = async (): Promise<void> => {
    const store = await open()
    for (let index = 0; index < 200; index += 1) await arrive(store, 'pd-Q1', anEvent(`${index}`), [`${index}`], NOW)
    await store.close()
  }

  it('creates the directory and a file that only its user can read', async () => {
    const nested = join(directory, 'a', 'b', 'incbot.db')
    const store = await open(nested)
    await store.probe()
    const modes = readdirSync(join(directory, 'a', 'b')).map((file) => [
      file,
      statSync(join(directory, 'a', 'b', file)).mode & 0o777,
    ])
    expect(Object.fromEntries(modes)).toEqual({
      'incbot.db': 0o600,
      'incbot.db-wal': 0o600,
      'incbot.db.owner': 0o600,
    })
    expect(statSync(join(directory, 'a', 'b')).mode & 0o777).toBe(0o700)
    await store.close()
  })

  it('closes the file to others when it was open to them', async () => {
    await aClosedStore()
    chmodSync(path, 0o644)
    await (await open()).close()
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('leaves one whole file when it is closed', async () => {
    await aClosedStore()
    expect(readdirSync(directory).filter((file) => file.startsWith('incbot.db-'))).toEqual([])
    const copy = join(directory, 'copy.db')
    writeFileSync(copy, readFileSync(path))
    const store = await open(copy)
    expect(await clicksIn(store, 'pd-Q1')).toHaveLength(200)
    await store.close()
  })

  it('refuses a file that another process holds, names the holder, and opens it once that is gone', async () => {
    const holder = hold()
    await holder.printed('open')
    const error = await problem()
    expect(error.problem).toBe('in-use')
    expect(error.message).toContain(path)
    expect(error.message).toContain('the-holder pid 4242')
    expect(error.message).toMatch(/Stop the other one/)
    holder.process.kill('SIGKILL')
    await holder.ended
    await (await open()).close()
  }, 20_000)

  it('refuses to open a file twice in one process, and the first one stays locked', async () => {
    const store = await open()
    expect((await problem()).problem).toBe('in-use')
    expect(await hold().ended).toBe(1)
    await store.close()
    await (await open()).close()
  }, 20_000)

  it.each([
    ['a text file', Buffer.from('dear diary\n')],
    ['a long binary file', Buffer.alloc(10_000, 7)],
    ['a file as short as a byte', Buffer.from([0])],
  ])('refuses %s and leaves it untouched', async (_what, content) => {
    writeFileSync(path, content, { mode: 0o644 })
    const error = await problem()
    expect(error.problem).toBe('not-a-store')
    expect(error.message).toContain(path)
    expect(readFileSync(path).equals(content)).toBe(true)
    expect(statSync(path).mode & 0o777).toBe(0o644)
    expect(readdirSync(directory)).toEqual(['incbot.db'])
  })

  it("refuses somebody else's SQLite database and leaves it untouched", async () => {
    const foreign = new Libsql(path)
    foreign.exec('CREATE TABLE precious (a); INSERT INTO precious VALUES (1)')
    foreign.close()
    const before = readFileSync(path)
    expect((await problem()).problem).toBe('not-a-store')
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(directory)).toEqual(['incbot.db'])
  })

  it('refuses a damaged store, says so, and leaves it untouched', async () => {
    await aClosedStore()
    const damaged = readFileSync(path)
    damaged.fill(0xaa, 4096, 5 * 4096)
    writeFileSync(path, damaged)
    const error = await problem()
    expect(error.problem).toBe('corrupt')
    expect(error.message).toMatch(/damaged.*Restore it from a backup/)
    expect(readFileSync(path).equals(damaged)).toBe(true)
  })

  it('refuses a store cut short', async () => {
    await aClosedStore()
    const cut = readFileSync(path).subarray(0, 3 * 4096)
    writeFileSync(path, cut)
    expect((await problem()).problem).toBe('corrupt')
    expect(readFileSync(path).equals(cut)).toBe(true)
  })

  it('refuses a store of a later incbot, and leaves its records as they are', async () => {
    await aClosedStore()
    const database = openDatabase(path, 100)
    database.exec('INSERT INTO schema_versions (version) VALUES (1000)')
    database.close()
    const error = await problem()
    expect(error.problem).toBe('newer-schema')
    expect(error.message).toContain('1000')
  })

  it('says what is wrong with the directory', async () => {
    mkdirSync(path)
    const error = await problem()
    expect(error.problem).toBe('unavailable')
    expect(error.message).toContain('EISDIR')
  })

  it('finishes a migration that was cut off before it began', async () => {
    const empty = openDatabase(path, 100)
    empty.exec(`PRAGMA application_id = ${0x69_6e_63_62}`)
    empty.close()
    const store = await open()
    expect(await arrive(store, 'pd-Q1', anEvent(), ['k'], NOW)).toBe('stored')
    await store.close()
  })

  it('goes on with the records of the version that knew no groups', async () => {
    await aClosedStore()
    const older = openDatabase(path, 100)
    older.exec(
      'DROP TABLE group_leaders; DROP TABLE joined; DROP INDEX incidents_open; DROP INDEX incidents_by_service; DELETE FROM schema_versions WHERE version > 1',
    )
    older.close()
    const store = await open()
    expect(await clicksIn(store, 'pd-Q1')).toHaveLength(200)
    expect(await arrive(store, 'pd-Q1', anEvent('7'), ['7'], NOW)).toBe('duplicate')
    // What waited already stays where it is, and may lead.
    expect((await store.receive(aGroupedArrival('Q1'), NOW)).incidentId).toBe('pd-Q1')
    expect((await store.receive(aGroupedArrival('two'), NOW)).incidentId).toBe('pd-Q1')
    await store.close()
  })

  it('rejects every call after it was closed', async () => {
    const store = await open()
    const last = arrive(store, 'pd-Q1', anEvent(), ['k'], NOW)
    await store.close()
    await store.close()
    expect(await last).toBe('stored')
    await expect(store.inbox('pd-Q1', 1)).rejects.toThrow(StoreError)
    await expect(store.probe()).rejects.toThrow(StoreError)
  })
})

describe('migrations', () => {
  const FIRST = 'CREATE TABLE one (a)'
  const SECOND = 'ALTER TABLE one ADD COLUMN b DEFAULT 7'

  it('run forward from where the file is, each once, and one that fails leaves nothing behind', () => {
    const database = openDatabase(':memory:', 0)
    migrate(database, 'memory', [FIRST])
    database.exec('INSERT INTO one (a) VALUES (1)')
    expect(() => migrate(database, 'memory', [FIRST, `${SECOND}; SELECT nonsense FROM nowhere`])).toThrow(/nowhere/)
    expect(database.inTransaction()).toBe(false)
    migrate(database, 'memory', [FIRST, SECOND])
    migrate(database, 'memory', [FIRST, SECOND])
    expect(database.query<{ b: number }>('SELECT b FROM one').get()?.b).toBe(7)
    expect(() => migrate(database, 'memory', [FIRST])).toThrow(StoreError)
  })
})
