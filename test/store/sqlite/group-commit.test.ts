import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Database, openDatabase } from '../../../src/store/sqlite/database.ts'
import { groupCommit, type Writer } from '../../../src/store/sqlite/group-commit.ts'

describe('a group commit', () => {
  let database: Database
  let executed: string[]
  let writer: Writer
  beforeEach(() => {
    const real = openDatabase(':memory:', 0)
    executed = []
    database = {
      ...real,
      exec: (sql) => {
        executed.push(sql)
        real.exec(sql)
      },
    }
    real.exec(`
      PRAGMA foreign_keys = ON;
      CREATE TABLE parents (id INTEGER PRIMARY KEY);
      CREATE TABLE words (word TEXT UNIQUE, parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
    `)
    writer = groupCommit(database)
  })
  afterEach(() => database.abandon())

  const add = (word: string, parent: number | null = null) =>
    writer.write(() => {
      database.query('INSERT INTO words (word, parent) VALUES (?, ?)').run(word, parent)
      return word
    })
  const words = () => database.query<{ word: string }>('SELECT word FROM words ORDER BY word').all()
  const commits = () => executed.filter((sql) => sql === 'COMMIT').length

  it('writes what comes in one turn in one transaction and gives each its own result', async () => {
    expect(await Promise.all([add('a'), add('b'), add('c')])).toEqual(['a', 'b', 'c'])
    expect(commits()).toBe(1)
    await add('d')
    expect(commits()).toBe(2)
  })

  it('resolves nothing before the commit', async () => {
    let resolved = false
    const written = writer
      .write(() => undefined)
      .then(() => {
        resolved = true
        return commits()
      })
    await Promise.resolve()
    expect([resolved, commits()]).toEqual([false, 0])
    expect(await written).toBe(1)
  })

  it('undoes only the one that throws, whole', async () => {
    const halfway = writer.write(() => {
      database.query("INSERT INTO words (word) VALUES ('half')").run()
      throw new Error('no')
    })
    const answers = await Promise.allSettled([add('a'), halfway, add('a'), add('b')])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(words().map(({ word }) => word)).toEqual(['a', 'b'])
  })

  it('rejects all of them when the commit fails, and works again afterwards', async () => {
    const answers = await Promise.allSettled([add('a'), add('orphan', 99)])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(words()).toEqual([])
    expect(await add('a')).toBe('a')
  })

  it('rejects when the disk is full, and works again once there is room', async () => {
    const pages = database.query<{ page_count: number }>('PRAGMA page_count').get()?.page_count ?? 0
    database.exec(`PRAGMA max_page_count = ${pages + 2}`)
    const long = (name: string) => add(name.repeat(2000))
    const answers = await Promise.allSettled([long('a'), long('b'), long('c'), long('d'), long('e'), long('f')])
    expect(answers.map(({ status }) => status)).toContain('rejected')
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'SQLITE_FULL' } })
    const kept = answers.filter(({ status }) => status === 'fulfilled').length
    expect(words()).toHaveLength(kept)
    database.exec('PRAGMA max_page_count = 100000')
    expect(await add('a')).toBe('a')
  })

  it('splits a flood so that no single transaction keeps the process for long', async () => {
    await Promise.all(Array.from({ length: 1000 }, (_, index) => add(`${index}`)))
    expect(commits()).toBe(8)
    expect(words()).toHaveLength(1000)
  })

  it('writes what waits when flushed', async () => {
    const flood = Promise.all(Array.from({ length: 300 }, (_, index) => add(`${index}`)))
    writer.flush()
    expect(words()).toHaveLength(300)
    expect(await flood).toHaveLength(300)
  })
})
