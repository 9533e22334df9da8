import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { buttonsOf, cardOf, cardSays, cards, command, type Stage, startStage, threadOf, until } from './stage.ts'

const CHECK_TIMEOUT_MS = 2_000

let stage: Stage

beforeAll(async () => {
  stage = await startStage({
    runbooks: (yaml) => yaml.replaceAll('timeout: 10s', `timeout: ${CHECK_TIMEOUT_MS}ms`),
    config: (yaml) => `${yaml}\npagerduty: { sweepEvery: 1s }\n`,
  })
}, 30_000)

afterAll(() => stage.stop(), 30_000)

describe('Slack in trouble', () => {
  it('one card stands there when Slack took the first post and never said so', async () => {
    stage.world.slack.failNext('chat.postMessage', 'accept_then_timeout')
    const { id } = stage.world.trigger()
    await cardSays(stage, id, /checks answered/, 30_000)
    expect(cardOf(stage, id)).toBeDefined()
  }, 40_000)

  it('the channel catches up when Slack was down for ten seconds', async () => {
    await stage.slackLine.close()
    const { id } = stage.world.trigger()
    await sleep(10_000)
    expect(cardOf(stage, id)).toBeUndefined()
    await stage.slackLine.open()
    const card = await cardSays(stage, id, /4 of 4 checks answered/, 15_000)
    expect(buttonsOf(card)).toHaveLength(2)
    await until(
      'the details',
      () => threadOf(stage, card).some(({ text }) => text.includes('What was checked')),
      10_000,
    )
  }, 50_000)
})

describe('data sources in trouble', () => {
  it('a Kubernetes that says 403 makes a finding unknown, which names the missing permission', async () => {
    const reply = {
      status: 403,
      reason: 'Forbidden',
      message:
        'nodes is forbidden: User "incbot-read" cannot list resource "nodes" in API group "" at the cluster scope',
    }
    stage.world.kubernetes.failNext({ method: 'GET', path: /\/nodes/ }, reply, 2)
    const { id } = stage.world.trigger()
    const card = await cardSays(stage, id, /checks answered/)
    expect(card.text).toMatch(/Unknown: Node memory.*permission.*nodes/)
    expect(card.text).toMatch(/3 of 4 checks answered/)
  }, 20_000)
})

describe('PagerDuty in trouble', () => {
  it('an incident whose webhook never came is found by asking, and so is its end', async () => {
    stage.world.pagerduty.silence(true)
    const { id } = stage.world.trigger()
    await cardSays(stage, id, /checks answered/, 15_000)
    await sleep(1_100)
    stage.world.pagerduty.resolve(id)
    const closed = await cardSays(stage, id, /resolved \d\d:\d\d/, 15_000)
    expect(buttonsOf(closed)).toEqual([])
    stage.world.pagerduty.silence(false)
  }, 40_000)
})

describe('the process', () => {
  it('reads its runbooks again on SIGHUP, and a broken one leaves the others alone', async () => {
    await writeFile(join(stage.directory, 'runbooks', 'broken.yaml'), 'name: [')
    const before = stage.bot.logs.length
    stage.bot.kill('SIGHUP')
    await until(
      'the log to name the problem',
      () => stage.bot.logs.slice(before).some((line) => line.includes('broken.yaml')),
      5_000,
    )
    await command(stage, 'diagnose inference')
    const report = await until(
      'a diagnosis by the runbook that works',
      () => cards(stage).find(({ text }) => text.includes('requested by') && text.includes('checks answered')),
      10_000,
    )
    expect(report.text).toContain('runbook model-serving-memory')
  }, 20_000)
})

describe('a bot that cannot start', () => {
  it('says why and ends, instead of living on without half of itself', async () => {
    await stage.bot.stop()
    const taken = createServer()
    await new Promise<void>((listening) => taken.listen(Number(new URL(stage.bot.opsUrl).port), '127.0.0.1', listening))
    // The health of whoever has the port is none, so that a bot which lives on is not taken for ready.
    taken.on('connection', (socket) => socket.destroy())
    await expect(stage.restart()).rejects.toThrow(/ended with code 70[\s\S]*another program uses this port/)
    await new Promise((closed) => taken.close(closed))
    await stage.restart()
  }, 40_000)
})

describe('a Prometheus that hangs', () => {
  it('makes its checks unknown, leaves the others alone, and the card keeps its deadline', async () => {
    stage.world.prometheus.failNext('hang', 1_000)
    const began = Date.now()
    const { id } = stage.world.trigger()
    const card = await cardSays(stage, id, /checks answered/, CHECK_TIMEOUT_MS + 8_000)
    expect(Date.now() - began).toBeLessThan(CHECK_TIMEOUT_MS + 3_000)
    expect(card.text).toMatch(/Unknown: Memory trend/)
    const details = await until(
      'the details',
      () => threadOf(stage, card).find(({ text }) => text.includes('What was checked')),
      10_000,
    )
    expect(details.text).toMatch(/\*Node memory\* · :large_green_circle:/)
  }, 40_000)

  it('holds up no SIGTERM: the bot drains in the middle of the checks, exits 0, and the next one ends them', async () => {
    const { id } = stage.world.trigger()
    await cardSays(stage, id, /Diagnosing, 4 checks/)
    const began = Date.now()
    stage.bot.kill('SIGTERM')
    expect(await stage.bot.ended).toBe(0)
    expect(Date.now() - began).toBeLessThan(15_000)
    await stage.restart()
    await cardSays(stage, id, /checks answered/, 20_000)
  }, 60_000)
})
