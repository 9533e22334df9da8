import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { openStorage } from '../../../src/app/storage.ts'
import { auditExport, auditVerify } from '../../../src/cli/audit.ts'
import { type StoreInput, storeExport, storeImport, storeMigrate } from '../../../src/cli/store.ts'
import { openRedisClients } from '../../../src/redis/clients.ts'
import { countReplicas } from '../../../src/redis/replica-count.ts'
import { openRedisTarget } from '../../../src/store/redis/import.ts'
import { keysOf } from '../../../src/store/redis/keys.ts'
import { openRedisSource } from '../../../src/store/redis/open-records.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import type { RecordTarget, TransferRecord } from '../../../src/store/transfer/record.ts'
import { anEvent, arrive, NOW } from '../../contract/records.ts'
import { leased } from '../../contract/store/harness.ts'
import { liveThrough, ODD_ID } from '../../contract/store/history.ts'
import { aLog } from '../../fakes/log.ts'
import { until } from '../../fakes/world.ts'
import { importedInto, importIntoSqlite, linesOf, sqliteLines } from '../../store/transfer/movers.ts'
import { type RealRedis, startRealRedis } from './real-redis.ts'
import { ask } from './redis-groups.ts'
import { addressOf, answering, openStoreAt } from './temporary-redis-store.ts'

let redis: RealRedis
beforeAll(async () => {
  redis = await startRealRedis()
})
afterAll(() => redis.stop())

let folder: string
let prefix: string
let tests = 0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'incbot-transfer-'))
  tests += 1
  prefix = `transfer-${tests}`
})
afterEach(() => rmSync(folder, { recursive: true }))

const file = () => join(folder, 'incbot.db')
const clients = () => openRedisClients({ address: addressOf(redis.url) }, () => {})
const target = (at = prefix): RecordTarget => openRedisTarget(clients(), at)
const redisLines = async (at = prefix) => linesOf(await openRedisSource(clients(), at))

async function inSqlite(seed = 1): Promise<readonly string[]> {
  const store = await openSqliteStore({ path: file(), ownerId: 'test' })
  await liveThrough(store, seed)
  await store.close()
  return sqliteLines(file())
}

async function inRedis(at = prefix): Promise<readonly string[]> {
  const store = openStoreAt(redis.url, at)
  await answering(store)
  await liveThrough(store)
  await store.close()
  return redisLines(at)
}

/** What Redis holds under a prefix: each key with its kind and size, as the store and an import leave them. */
async function keysIn(at: string): Promise<Readonly<Record<string, string>>> {
  const script = `local found = {}
    for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
      local kind = redis.call('TYPE', key).ok
      local size = ({ string = 'STRLEN', list = 'LLEN', set = 'SCARD', zset = 'ZCARD', hash = 'HLEN' })[kind]
      found[#found + 1] = string.sub(key, #ARGV[2] + 1) .. '\\t' .. kind .. ' ' .. redis.call(size, key)
    end
    return found`
  const beginning = keysOf(at).everything
  const lines = (await ask(redis.port, 'eval', script, '0', `${beginning}*`, beginning)).split('\n')
  return Object.fromEntries(lines.map((line) => line.split('\t')))
}

/** Keys that do not move, and why. */
const STAY: Readonly<Record<string, string>> = {
  schema: 'the layout is of where the records are',
  counter: 'moves as `numbers`',
  fences: 'moves as `numbers`',
  lease: 'who held one is gone; its fence moves in `fences`',
  led: 'the groups that an incident no longer leads do not move',
  probe: 'counts probes',
  'inbox-size': 'is counted anew',
}
const moving = (keys: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(keys).filter(([name]) => STAY[name.split(':', 1)[0] ?? ''] === undefined))

const rejection = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error('nothing was thrown'),
    (error: Error) => error,
  )

describe('moving records through Redis', () => {
  it.each([1, 2, 3])('SQLite, file, Redis, file, SQLite: the same export each time (history %d)', async (seed) => {
    const lines = await inSqlite(seed)
    await importedInto(target(), lines)
    expect(await redisLines()).toEqual(lines)
    await importIntoSqlite(join(folder, 'back.db'), await redisLines())
    expect(await sqliteLines(join(folder, 'back.db'))).toEqual(lines)
  })

  it('leaves under each key what the store itself would have left', async () => {
    const lines = await inRedis('original')
    await importedInto(target(), lines)
    const [original, copy] = [await keysIn('original'), await keysIn(prefix)]
    expect(moving(copy)).toEqual(moving(original))
    expect(copy['inbox-size']).toEqual(original['inbox-size'])
    // Every key that a store can have, was there: whoever adds one must move it, or say why it stays.
    const kinds = new Set(Object.keys(original).map((name) => name.split(':', 1)[0]))
    const known = Object.values(keysOf('x')).map((key) => (typeof key === 'function' ? key('open', undefined) : key))
    const expected = known.map((key) => key.slice('{x}:store:'.length).split(':', 1)[0])
    expect(kinds).toEqual(new Set(expected.filter((name) => name !== '')))
  })

  it('gives out only fences and numbers that are larger than all before, whichever way records went', async () => {
    const lines = await inSqlite()
    const sqlite = await openSqliteStore({ path: file(), ownerId: 'test' })
    const before = await leased(sqlite, 'incident:new')
    await sqlite.close()
    await importedInto(target(), await sqliteLines(file()))
    const store = openStoreAt(redis.url, prefix)
    await answering(store)
    const between = await leased(store, 'incident:new')
    const other = await leased(store, 'incident:other')
    const again = await leased(store, 'incident:other')
    await arrive(store, 'pd-R1', anEvent('later'), ['later'], NOW)
    const sequence = (await store.inbox('pd-R1', 100)).at(-1)?.sequence ?? 0
    await store.close()
    expect([between.fence, other.fence].map((fence) => fence > before.fence)).toEqual([true, true])
    expect(again.fence).toBe(other.fence + 1)
    expect(sequence).toBeGreaterThan(JSON.parse(lines.at(-2) ?? '').last)
    await importIntoSqlite(join(folder, 'back.db'), await redisLines())
    const back = await openSqliteStore({ path: join(folder, 'back.db'), ownerId: 'test' })
    expect((await leased(back, 'incident:new')).fence).toBeGreaterThan(again.fence)
    await back.close()
  })

  it('leaves a store that goes on where it was', async () => {
    await importedInto(target(), await inSqlite())
    const store = openStoreAt(redis.url, prefix)
    await answering(store)
    expect(await arrive(store, 'pd-R1', anEvent('a'), ['key a'], NOW)).toBe('duplicate')
    expect(await store.receive({ incidentId: 'pd-second', event: anEvent('x'), dedupKeys: ['x'] }, NOW)).toEqual({
      outcome: 'stored',
      incidentId: 'pd-first',
    })
    expect((await store.activeFreezes(NOW)).map(({ id }) => id)).toContain('holds')
    expect((await store.incidents({ service: 'inference', open: true, limit: 100 })).map(({ id }) => id)).toContain(
      ODD_ID,
    )
    await store.close()
  })

  it('is refused where there are records, whose names are told and which stay', async () => {
    const lines = await inRedis()
    const error = await rejection(importedInto(target(), lines))
    expect(error.message).toMatch(/is not empty: it holds \d+ incidents, .*REDIS_PREFIX/)
    expect(await redisLines()).toEqual(lines)
  })

  it('keeps nothing of an import that breaks off', async () => {
    const lines = await inSqlite()
    expect((await rejection(importedInto(target(), lines.slice(0, -1)))).message).toContain('breaks off')
    expect(moving(await keysIn(prefix))).toEqual({})
    await importedInto(target(), lines)
    expect(await redisLines()).toEqual(lines)
  })

  it('lets nobody start on an import that was cut off; the next one begins anew, and the first can write no more', async () => {
    const lines = await inSqlite()
    const cutOff = target()
    const record: TransferRecord = { kind: 'seen', key: 'of the first', at: 1 }
    await cutOff.prepare()
    await cutOff.begin()
    await cutOff.write([record])
    const place = { address: addressOf(redis.url), prefix, secrets: [] }
    const starting = openStorage({ dataDir: folder, redis: place }, 'a bot', aLog())
    expect(await rejection(starting)).toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringContaining('are half imported'),
    })
    expect((await rejection(redisLines())).message).toContain('`incbot store import`')

    await importedInto(target(), lines)
    expect(await redisLines()).toEqual(lines)
    expect((await rejection(cutOff.write([record]))).message).toContain('Somebody else has begun')
    await cutOff.abandon()
    await cutOff.close()
    expect(await redisLines()).toEqual(lines)
  })

  it('notices that the records change while they are read', async () => {
    await inRedis()
    const source = await openRedisSource(clients(), prefix)
    const store = openStoreAt(redis.url, prefix)
    await answering(store)
    await store.markDue('new', NOW)
    await store.close()
    expect((await rejection(linesOf(source))).message).toContain('were changed while they were read')
  })
})

describe('incbot store', () => {
  const env = (other: NodeJS.ProcessEnv = {}) => ({
    INCBOT_DATA_DIR: folder,
    REDIS_URL: redis.url,
    REDIS_PREFIX: prefix,
    ...other,
  })
  const onFile = () => ({ INCBOT_DATA_DIR: folder })

  async function ran(command: (input: StoreInput) => Promise<number>, stdin = '') {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const printed = Promise.all([text(stdout), text(stderr)])
    const code = await command({ stdin: Readable.from([stdin]), stdout, stderr })
    stdout.end()
    stderr.end()
    const [out, err] = await printed
    return { code, out, err }
  }

  it('moves from the data directory to Redis and back, says what to do next, and an old head still verifies', async () => {
    await inSqlite()
    const before = readFileSync(file())
    const audited = await ran((output) => auditExport(undefined, onFile(), output))
    const last = audited.out
      .split('\n')
      .filter((line) => line.includes('"pd-R1"'))
      .at(-1)
    const { sequence, hash } = JSON.parse(last ?? '')

    const there = await ran((output) => storeMigrate('redis', env(), output))
    expect(there).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^Moved from .*incbot\.db to Redis at .*\d+ incidents/),
    })
    expect(there.out).toContain('Next: start incbot with REDIS_URL set')
    expect(readFileSync(file()).equals(before)).toBe(true)
    const args = { heads: [`${sequence}:${hash.slice(0, 16)}`], incidents: ['pd-R1'] }
    expect(await ran((output) => auditVerify(args, env(), output))).toMatchObject({
      code: 0,
      out: expect.stringContaining('is in the chain'),
    })

    const again = await ran((output) => storeMigrate('sqlite', env(), output))
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('is not empty') })
    rmSync(file())
    const back = await ran((output) => storeMigrate('sqlite', env(), output))
    expect(back).toMatchObject({ code: 0, out: expect.stringContaining('start incbot without REDIS_URL') })
    expect(await ran((output) => auditVerify(args, onFile(), output))).toMatchObject({ code: 0 })
  })

  it('exports what an import reads, from a file and from standard input', async () => {
    await inSqlite()
    const exported = await ran((output) => storeExport(onFile(), output))
    expect(exported).toMatchObject({ code: 0, err: expect.stringContaining('keep the file to yourself') })
    writeFileSync(join(folder, 'a.jsonl'), exported.out)
    const imported = await ran((input) => storeImport(join(folder, 'a.jsonl'), env(), input))
    expect(imported).toMatchObject({ code: 0, out: expect.stringContaining('All was read back') })
    expect((await ran((output) => storeExport(env(), output))).out).toBe(exported.out)
    rmSync(file())
    expect(await ran((input) => storeImport(undefined, onFile(), input), exported.out)).toMatchObject({ code: 0 })
    expect((await ran((output) => storeExport(onFile(), output))).out).toBe(exported.out)
  })

  it('refuses what cannot be moved, in sentences', async () => {
    const nothing = await ran((output) => storeExport(env(), output))
    expect(nothing).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('There are no records in Redis at'),
    })
    expect(await ran((output) => storeMigrate('redis', onFile(), output))).toMatchObject({
      code: 2,
      err: expect.stringContaining('does not exist'),
    })
    await inSqlite()
    expect(await ran((output) => storeMigrate('redis', onFile(), output))).toMatchObject({
      code: 2,
      err: expect.stringContaining('REDIS_URL is not set'),
    })
    expect(await ran((input) => storeImport(join(folder, 'none'), env(), input))).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot be read'),
    })
    expect(await ran((input) => storeImport(undefined, env(), input), 'dear diary\n')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^standard input, line 1: /),
    })
    expect(existsSync(file())).toBe(true)
  })

  it('refuses while an incbot is at work in Redis, and not when it has ended', async () => {
    await inRedis()
    const bot = clients()
    const here = countReplicas({ client: bot.client('commands'), prefix, owner: 'a bot' })
    await until('it is counted', async () => (await ask(redis.port, 'exists', `{${prefix}}:replicas`)) === '1')
    const refused = await ran((output) => storeExport(env(), output))
    expect(refused).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('An incbot works with the records'),
    })
    await here.stop()
    bot.close()
    expect(await ran((output) => storeExport(env(), output))).toMatchObject({ code: 0 })
  })
})
