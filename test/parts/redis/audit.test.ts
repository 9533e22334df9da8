import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { auditExport, auditVerify } from '../../../src/cli/audit.ts'
import { aCommit, anEntry } from '../../contract/records.ts'
import { leased } from '../../contract/store/harness.ts'
import { type RealRedis, startRealRedis } from './real-redis.ts'
import { ask } from './redis-groups.ts'
import { answering, openStoreAt } from './temporary-redis-store.ts'

let redis: RealRedis
beforeAll(async () => {
  redis = await startRealRedis()
  const store = openStoreAt(redis.url, 'incbot')
  await answering(store)
  await store.commit(aCommit(await leased(store), { timeline: [anEntry('one'), anEntry('two')] }))
  await store.close()
})
afterAll(() => redis.stop())

async function audit(command: (output: { stdout: PassThrough; stderr: PassThrough }) => Promise<number>) {
  const output = { stdout: new PassThrough(), stderr: new PassThrough() }
  const printed = Promise.all([text(output.stdout), text(output.stderr)])
  const code = await command(output)
  output.stdout.end()
  output.stderr.end()
  const [stdout, stderr] = await printed
  return { code, stdout, stderr }
}

describe('incbot audit, with records in Redis,', () => {
  const env = () => ({ REDIS_URL: redis.url })
  const verify = () => audit((output) => auditVerify({ heads: [], incidents: [] }, env(), output))

  it('exports every entry and changes nothing', async () => {
    const before = await ask(redis.port, 'info', 'commandstats')
    const { code, stdout } = await audit((output) => auditExport(undefined, env(), output))
    expect(code).toBe(0)
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).text),
    ).toEqual(['one', 'two'])
    const written = (stats: string) => /cmdstat_(hset|rpush|set|incr):calls=\d+/g.exec(stats)?.[0]
    expect(written(await ask(redis.port, 'info', 'commandstats'))).toBe(written(before))
  })

  it('verifies, and shows what was changed', async () => {
    expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringContaining('All is as it was recorded.') })
    const key = '{incbot}:store:timeline:pd-Q1'
    const entry = await ask(redis.port, 'lindex', key, '1')
    await ask(redis.port, 'lset', key, '1', entry.replace('"two"', '"never"'))
    expect(await verify()).toMatchObject({ code: 1, stdout: expect.stringContaining('entry 2 is changed') })
  })

  it('says that Redis does not answer', async () => {
    const other = await startRealRedis()
    await other.stop()
    const { code, stderr } = await audit((output) => auditExport(undefined, { REDIS_URL: other.url }, output))
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('does not answer (ECONNREFUSED)') })
  })
})
