import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { leased } from '../contract/store/harness.ts'
import { aBot, anOpsServer, aStore, dataDir, exported, headOf, record, verified } from './audit-world.ts'

describe('incbot audit export', () => {
  it('writes every entry with its incident, one on a line, in order', async () => {
    const store = await aStore()
    await record(store)
    const timeline = await store.timeline('pd-Q1')
    await store.close()
    const { code, lines, err } = await exported()
    expect([code, err, lines.length]).toEqual([0, '', 10])
    const plain: unknown = JSON.parse(JSON.stringify({ incidentId: 'pd-Q1', ...timeline[0] }))
    expect(JSON.parse(lines[0] ?? '')).toEqual(plain)
    expect(lines.map((line) => headOf(line)[0])).toEqual([...Array(5).fill('pd-Q1'), ...Array(5).fill('pd-Q2')])
  })

  it('writes the same while a bot has its records open, from its ops port', async () => {
    const { store, server } = await aBot()
    const live = await exported(server)
    await server.stop(0)
    await store.close()
    expect(live).toEqual(await exported())
    expect([live.code, live.lines.length]).toEqual([0, 10])
  })

  it('changes nothing of the records that it reads, and does not keep a bot from them', async () => {
    const store = await aStore()
    await record(store)
    const lease = await leased(store, 'held', 'somebody')
    await store.close()
    const before = [readdirSync(dataDir()), readFileSync(join(dataDir(), 'incbot.db')).toString('hex')]
    await exported()
    expect([readdirSync(dataDir()), readFileSync(join(dataDir(), 'incbot.db')).toString('hex')]).toEqual(before)
    const again = await aStore()
    const next = await again.acquire('held', 'another', 1_000, lease.expiresAt - 1)
    // Each opening has fences of its own, and reading was none.
    const opening = (fence = 0) => Math.floor(fence / 2 ** 32)
    expect(opening(next?.fence) - opening(lease.fence)).toBe(1)
  })

  it.each([
    ['offline', false],
    ['from a bot', true],
  ])('writes one incident where it is named, %s', async (_what, isLive) => {
    const { store, server } = await aBot()
    if (!isLive) await store.close()
    const one = await exported(isLive ? server : undefined, 'pd-Q2')
    expect([one.code, one.lines.length, headOf(one.lines[0])[0]]).toEqual([0, 5, 'pd-Q2'])
    expect(await exported(isLive ? server : undefined, 'pd-Q9')).toMatchObject({
      code: 2,
      text: '',
      err: 'Nothing is recorded of pd-Q9.\n',
    })
  })

  it('says that nothing is recorded yet', async () => {
    await (await aStore()).close()
    expect(await exported()).toMatchObject({ code: 0, text: '', err: 'Nothing is recorded yet.\n' })
  })

  it('says where it looked and found nothing', async () => {
    expect(await exported()).toMatchObject({
      code: 2,
      err: expect.stringContaining(`${dataDir()}/incbot.db does not exist`),
    })
    writeFileSync(join(dataDir(), 'incbot.db'), 'dear diary')
    expect(await exported()).toMatchObject({ code: 2, err: expect.stringContaining('is not a store of incbot') })
    expect(readdirSync(dataDir())).toEqual(['incbot.db'])
  })

  it('does not take another bot’s records for these', async () => {
    const { server } = await aBot('host-2 pid 7')
    expect(await exported(server)).toMatchObject({
      code: 2,
      text: '',
      err: expect.stringContaining('belongs to another incbot'),
    })
  })

  it('says that the bot does not answer', async () => {
    const { server } = await aBot()
    await server.stop(0)
    expect(await exported(server)).toMatchObject({ code: 2, err: expect.stringMatching(/does not answer.*OPS_PORT/) })
  })

  it('says that it has not everything where a bot breaks off', async () => {
    const store = await aStore()
    await record(store)
    const records = {
      incidentIds: async () => ['pd-Q1', 'pd-Q2'],
      timeline: async (id: string) => (id === 'pd-Q1' ? store.timeline(id) : Promise.reject(new Error('disk'))),
    }
    const server = await anOpsServer(records)
    expect(await exported(server)).toMatchObject({ code: 2, err: expect.stringContaining('this is not everything') })
    const { code } = await verified(undefined, [], server)
    expect(code).toBe(2)
  })
})
