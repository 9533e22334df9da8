import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type RealRedis, startRealRedis } from '../parts/redis/real-redis.ts'
import { cardOf, cardSays, cards, command, type Stage, startStage, until } from './stage.ts'

const PASSWORD = 'correct-horse-battery'

let redis: RealRedis
let stage: Stage

beforeAll(async () => {
  redis = await startRealRedis({ config: { appendfsync: 'always', requirepass: PASSWORD } })
  stage = await startStage({ env: { REDIS_URL: urlWith(PASSWORD) } })
}, 60_000)

afterAll(async () => {
  await stage.stop()
  await redis.stop()
}, 30_000)

const urlWith = (password: string): string => `redis://:${password}@127.0.0.1:${redis.port}`

async function readiness(): Promise<{ readonly code: number; readonly text: string }> {
  const response = await fetch(`${stage.bot.opsUrl}/readyz`)
  return { code: response.status, text: await response.text() }
}

/** Ready, or not, by the next answer that is not from memory. */
const turns = (code: number) =>
  until(
    `readiness to be ${code}`,
    async () => (await readiness()).code === code,
    15_000,
    () => stage.bot.logs.at(-1),
  )

/** Seconds of processor time that the bot has used so far. */
async function processorTimeS(): Promise<number> {
  const fields = (await readFile(`/proc/${stage.bot.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** An incident whose webhook must be refused in time; returns its id. */
async function refusedIncident(): Promise<string> {
  const { id } = stage.world.trigger()
  const refused = await until(
    'its webhook to be refused',
    () => stage.world.pagerduty.deliveries.find(({ incidentId }) => incidentId === id),
    10_000,
  )
  expect(refused).toMatchObject({ status: 503, attempt: 1 })
  expect(refused.durationMs).toBeLessThan(2_000)
  return id
}

async function expectIdle(): Promise<void> {
  const [time, lines] = [await processorTimeS(), stage.bot.logs.length]
  await sleep(5_000)
  expect((await processorTimeS()) - time).toBeLessThan(2)
  expect(stage.bot.logs.length - lines).toBeLessThan(100)
}

describe('a bot with its records in Redis', () => {
  it('diagnoses, and says how safe the records are', async () => {
    const { id } = stage.world.trigger()
    await cardSays(stage, id, /4 of 4 checks answered/, 20_000)
    expect(stage.bot.logs.join('\n')).toContain('What was acknowledged is on its disk.')
  }, 40_000)

  it('refuses webhooks within two seconds while Redis hangs, says so, idles, and goes on by itself', async () => {
    redis.signal('SIGSTOP')
    const id = await refusedIncident()
    await turns(503)
    expect((await readiness()).text).toMatch(/Redis at 127\.0\.0\.1:\d+ does not answer/)
    expect(await command(stage, 'status')).toMatch(
      /^incbot cannot reach its store just now\. This is what it knew \d+ s ago\.\n/,
    )
    expect(await command(stage, 'freeze inference 1h')).toMatch(/^incbot could not .* then try again\.$/)
    await expectIdle()
    redis.signal('SIGCONT')
    await turns(200)
    await cardSays(stage, id, /4 of 4 checks answered/, 30_000)
    expect(cardOf(stage, id)).toBeDefined()
  }, 90_000)

  it('does the same while Redis is gone, also when it starts meanwhile', async () => {
    await redis.kill()
    const id = await refusedIncident()
    await turns(503)
    await expectIdle()
    const restarted = stage.restart()
    await sleep(6_000)
    await redis.start()
    await restarted
    await turns(200)
    await cardSays(stage, id, /4 of 4 checks answered/, 40_000)
    expect(new Set(cards(stage).map(({ ts }) => ts)).size).toBe(3)
  }, 120_000)

  it('does not start with a refused login, and says why without the password', async () => {
    const wrong = 'wrong-horse-battery'
    const start = stage.restart({ env: { REDIS_URL: urlWith(wrong) } })
    await expect(start).rejects.toThrow(/ended with code 78[\s\S]*refuses the login/)
    await expect(start).rejects.not.toThrow(wrong)
    await stage.restart({ env: { REDIS_URL: urlWith(PASSWORD) } })
    expect(stage.bot.logs.join('\n')).not.toContain(PASSWORD)
  }, 60_000)
})
