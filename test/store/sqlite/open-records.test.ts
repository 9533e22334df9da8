import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { openSqliteRecords } from '../../../src/store/sqlite/open-records.ts'
import { StoreError } from '../../../src/store/store-error.ts'
import { aCommit, anEntry } from '../../contract/records.ts'
import { leased } from '../../contract/store/harness.ts'
import { start, typescriptCommand } from './child.ts'
import { temporaryDirectory } from './temporary-store.ts'

describe('reading a store that nobody has open', () => {
  let directory: string
  let path: string
  let remove: () => void
  beforeEach(() => {
    ;({ directory, remove } = temporaryDirectory())
    path = join(directory, 'incbot.db')
  })
  afterEach(() => remove())

  /** What is left of the store when its bot is killed: two entries, one of them in the log only. */
  async function aCrashedStore(): Promise<string> {
    const store = await openSqliteStore({ path, ownerId: 'test' })
    const lease = await leased(store)
    await store.commit(aCommit(lease, { timeline: [anEntry('one'), anEntry('two')] }))
    const crashed = join(directory, 'crashed')
    mkdirSync(crashed)
    for (const file of ['incbot.db', 'incbot.db-wal']) copyFileSync(join(directory, file), join(crashed, file))
    await store.close()
    return join(crashed, 'incbot.db')
  }
  const problem = (file: string): StoreError => {
    try {
      openSqliteRecords(file).close()
    } catch (error) {
      if (error instanceof StoreError) return error
      throw error
    }
    throw new Error('It was opened.')
  }
  const contents = (file: string) =>
    readdirSync(join(file, '..')).map((name) => [name, readFileSync(join(file, '..', name)).toString('base64')])

  it('sees what a crash left in the log, changes no byte, and leaves nothing behind', async () => {
    const crashed = await aCrashedStore()
    const before = contents(crashed)
    const temporary = join(directory, 'temporary')
    mkdirSync(temporary)
    expect(before.map(([name]) => name)).toEqual(['incbot.db', 'incbot.db-wal'])
    const records = openSqliteRecords(crashed, temporary)
    expect(readdirSync(temporary)).toHaveLength(1)
    expect(await records.incidentIds(undefined, 10)).toEqual(['pd-Q1'])
    expect((await records.timeline('pd-Q1')).map(({ text }) => text)).toEqual(['one', 'two'])
    records.close()
    expect(contents(crashed)).toEqual(before)
    expect(readdirSync(temporary)).toEqual([])
  })

  it('does not keep a bot from starting, nor sees what that does', async () => {
    const crashed = await aCrashedStore()
    const records = openSqliteRecords(crashed)
    const bot = await openSqliteStore({ path: crashed, ownerId: 'bot' })
    const lease = await leased(bot, 'incident:pd-Q1', 'bot')
    await bot.commit(aCommit(lease, { expectedVersion: 1, timeline: [anEntry('three')] }))
    expect(await records.timeline('pd-Q1')).toHaveLength(2)
    expect(problem(crashed).problem).toBe('in-use')
    expect(await bot.timeline('pd-Q1')).toHaveLength(3)
    records.close()
    await bot.close()
  })

  it('is refused while another process has it open, which goes on', async () => {
    const holder = start(typescriptCommand(new URL('hold-store.ts', import.meta.url), path))
    await holder.printed('open')
    const error = problem(path)
    expect([error.problem, error.message]).toEqual(['in-use', expect.stringContaining('the-holder pid 4242')])
    expect(problem(path).problem).toBe('in-use')
    holder.process.kill('SIGKILL')
    await holder.ended
    openSqliteRecords(path).close()
  }, 20_000)

  it('is refused where there is none, or something else, which stays as it is', () => {
    expect(problem(path).message).toContain('does not exist')
    expect(readdirSync(directory)).toEqual([])
    writeFileSync(path, 'dear diary')
    expect(problem(path).problem).toBe('not-a-store')
    expect(readFileSync(path, 'utf8')).toBe('dear diary')
  })

  it('is refused where a later incbot wrote it', async () => {
    await (await openSqliteStore({ path, ownerId: 'test' })).close()
    const database = openDatabase(path, 100)
    database.exec('INSERT INTO schema_versions (version) VALUES (1000)')
    database.close()
    expect(problem(path).problem).toBe('newer-schema')
  })

  it('is refused where it is damaged', async () => {
    await aCrashedStore()
    const damaged = readFileSync(path)
    damaged.fill(0xaa, 4096, 5 * 4096)
    writeFileSync(path, damaged)
    expect(problem(path).problem).toBe('corrupt')
  })
})
