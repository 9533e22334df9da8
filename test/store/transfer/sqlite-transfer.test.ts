import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { openSqliteTarget } from '../../../src/store/sqlite/import.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { openSqliteSource } from '../../../src/store/sqlite/open-records.ts'
import type { Store } from '../../../src/store/store.ts'
import { aCommit, anEvent, arrive, NOW } from '../../contract/records.ts'
import { leased } from '../../contract/store/harness.ts'
import { liveThrough, ODD_ID } from '../../contract/store/history.ts'
import { start, typescriptCommand } from '../sqlite/child.ts'
import { temporaryDirectory } from '../sqlite/temporary-store.ts'
import { importedInto, importIntoSqlite, linesOf, sqliteLines } from './movers.ts'

/** Tables of which nothing moves, and why. */
const STAY: Readonly<Record<string, string>> = {
  leases: 'who held one is gone; its largest fence moves',
  probes: 'counts probes',
  schema_versions: 'the file has its own',
  sqlite_sequence: 'moves as `numbers`',
}

let directory: string
let remove: () => void
beforeEach(() => {
  ;({ directory, remove } = temporaryDirectory())
})
afterEach(() => remove())

const from = () => join(directory, 'from.db')
const to = () => join(directory, 'to', 'incbot.db')

async function opened<T>(path: string, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openSqliteStore({ path, ownerId: 'test' })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** Lines of a store that has lived. */
async function history(seed = 1): Promise<readonly string[]> {
  await opened(from(), (store) => liveThrough(store, seed))
  return sqliteLines(from())
}

const rejection = (work: Promise<unknown>): Promise<{ problem?: string; message: string }> =>
  work.then(
    () => ({ message: 'nothing was thrown' }),
    (error: { problem?: string; message: string }) => error,
  )

describe('moving a SQLite store', () => {
  it.each([1, 2, 3, 4, 5])('writes the same export again after an import (history %d)', async (seed) => {
    const lines = await history(seed)
    await importIntoSqlite(to(), lines)
    expect(await sqliteLines(to())).toEqual(lines)
  })

  it('leaves the file that it reads as it is, to the byte', async () => {
    await opened(from(), (store) => liveThrough(store))
    const before = readFileSync(from())
    await sqliteLines(from())
    expect(readFileSync(from()).equals(before)).toBe(true)
  })

  it('moves something of every table but those of which nothing is to move', async () => {
    await importIntoSqlite(to(), await history())
    const rowsIn = (path: string) => {
      const database = openDatabase(path, 100)
      const tables = database.query<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
      const counted = tables
        .filter(({ name }) => STAY[name] === undefined)
        .map(({ name }) => [name, database.query<{ n: number }>(`SELECT count(*) AS n FROM ${name}`).get()?.n ?? 0])
      database.abandon()
      return Object.fromEntries(counted)
    }
    const rows = rowsIn(from())
    expect(Object.entries(rows).filter(([, count]) => count === 0)).toEqual([])
    expect(rowsIn(to())).toEqual(rows)
  })

  it('gives out only fences, sequences and tickets that are larger than all before', async () => {
    const before = await opened(from(), async (store) => {
      await liveThrough(store)
      const lease = await leased(store, 'incident:new', 'before', NOW + 10_000_000)
      const [last] = await store.inbox('pd-R1', 100).then((entries) => entries.slice(-1))
      return {
        fence: lease.fence,
        sequence: last?.sequence ?? 0,
        ticket: (await store.dueItem('incident:pd-R1'))?.ticket ?? 0,
      }
    })
    await importIntoSqlite(to(), await sqliteLines(from()))
    await opened(to(), async (store) => {
      expect((await leased(store, 'incident:new')).fence).toBeGreaterThan(before.fence)
      await arrive(store, 'pd-R1', anEvent('later'), ['later'], NOW)
      expect((await store.inbox('pd-R1', 100)).at(-1)?.sequence).toBeGreaterThan(before.sequence)
      expect((await store.dueItem('incident:pd-R1'))?.ticket).toBeGreaterThan(before.ticket)
    })
  })

  it('leaves a store that goes on: duplicates refused, groups joined, records changed', async () => {
    await importIntoSqlite(to(), await history())
    await opened(to(), async (store) => {
      expect(await arrive(store, 'pd-R1', anEvent('a'), ['key a'], NOW)).toBe('duplicate')
      expect(await store.receive({ incidentId: 'pd-second', event: anEvent('x'), dedupKeys: ['x'] }, NOW)).toEqual({
        outcome: 'stored',
        incidentId: 'pd-first',
      })
      const held = await leased(store, `incident:${ODD_ID}`)
      expect(
        await store.commit(aCommit(held, { expectedVersion: 1, incident: { ...aCommit(held).incident, id: ODD_ID } })),
      ).toBe('committed')
      expect(await store.setting('switched-off')).toBe('by U1: "why"\nbecause')
    })
  })

  it('refuses a target that is not empty, says what is there, and leaves it', async () => {
    const lines = await history()
    await opened(to(), async (store) => {
      await store.setSetting('a', '1')
      await store.setSetting('b', '1')
      await store.markDue('incident:x', NOW)
    })
    const before = await sqliteLines(to())
    expect(await rejection(importIntoSqlite(to(), lines))).toMatchObject({
      problem: 'not-empty',
      message: expect.stringContaining('it holds 1 due item, 2 settings'),
    })
    expect(await sqliteLines(to())).toEqual(before)
  })

  it('keeps nothing of an import that breaks off', async () => {
    const lines = await history()
    expect(await rejection(importIntoSqlite(to(), lines.slice(0, -1)))).toMatchObject({ problem: 'bad-export' })
    await importIntoSqlite(to(), lines)
    expect(await sqliteLines(to())).toEqual(lines)
  })

  it('keeps nothing of an import that is killed in the middle, and can be repeated', async () => {
    const lines = await history()
    const importer = start(typescriptCommand(new URL('import-half.ts', import.meta.url), from(), to()))
    await importer.printed('half')
    expect(await rejection(opened(to(), async () => undefined))).toMatchObject({ problem: 'in-use' })
    importer.process.kill('SIGKILL')
    await importer.ended
    const left = join(directory, 'left.db')
    for (const end of ['', '-wal']) copyFileSync(`${to()}${end}`, `${left}${end}`)
    await opened(left, async (store) => expect(await store.incidentIds(undefined, 10)).toEqual([]))
    await importIntoSqlite(to(), lines)
    expect(await sqliteLines(to())).toEqual(lines)
  }, 60_000)

  it('refuses to read or write while a bot has the file open', async () => {
    const lines = await history()
    await opened(from(), async () => {
      expect(() => openSqliteSource(from())).toThrow('in use by another incbot')
      expect(() => openSqliteTarget(from(), 'test')).toThrow('in use by another incbot')
    })
    expect(await sqliteLines(from())).not.toEqual(lines)
  })

  it('notices that a bot was started while it read', async () => {
    await opened(from(), (store) => liveThrough(store))
    const source = openSqliteSource(from())
    await opened(from(), async (store) => store.setSetting('new', '1'))
    expect(await rejection(linesOf(source))).toMatchObject({ message: expect.stringContaining('was started on') })
  })

  it('takes nothing for moved that the target does not give back', async () => {
    const lines = await history()
    const target = openSqliteTarget(to(), 'test')
    const forgetful = {
      ...target,
      write: (records: Parameters<typeof target.write>[0]) =>
        target.write(records.filter((one) => one.kind !== 'freeze' || one.record.id !== 'holds')),
    }
    expect((await rejection(importedInto(forgetful, lines))).message).toContain('does not hold what was written')
    await opened(to(), async (store) => expect(await store.incidentIds(undefined, 10)).toEqual([]))
  })
})
