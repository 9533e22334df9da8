import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type AlertmanagerStandIn, alertmanagerStandIn } from '../../src/sandbox/alertmanager/index.ts'
import { channels } from '../../src/sandbox/world/office.ts'
import { buttonsOf, cards, type Stage, startStage, until } from './stage.ts'

const FALLBACK = channels.fallback
const TOKEN = 'a-token-that-both-sides-know'

let stage: Stage
let alertmanager: AlertmanagerStandIn
let page: string

beforeAll(async () => {
  stage = await startStage({ groupWithin: '10m', env: { ALERTMANAGER_WEBHOOK_TOKENS: `older,${TOKEN}` } })
  const url = `${stage.bot.url}/webhooks/alertmanager`
  alertmanager = alertmanagerStandIn({ url, authorization: { bearer: TOKEN }, groupBy: ['service'] })
}, 30_000)

afterAll(() => stage.stop(), 30_000)

const labels = (pod: string) => ({ alertname: 'HighMemory', service: 'inference', severity: 'critical', pod })
const theCard = (what: RegExp, channel?: string) =>
  until(
    `a card that says ${what}`,
    () => cards(stage, channel).find(({ text }) => what.test(text)),
    20_000,
    () => cards(stage, channel).map(({ text }) => text),
  )

describe('alerts of Alertmanager', () => {
  it('become one card with a diagnosis, its buttons, and what joined it', async () => {
    for (const pod of ['a', 'b', 'c']) alertmanager.fire(labels(pod), { summary: `${pod} is nearly full` })
    expect(await alertmanager.notify()).toBe(true)
    const card = await theCard(/4 of 4 checks answered[\s\S]*alert in Prometheus/)
    expect(card.text).toContain('HighMemory: a is nearly full')
    expect(card.text).toMatch(/\+ \*2 more alerts\* of inference since \d\d:\d\d[^\n]*, 2 go on/)
    expect(buttonsOf(card)).toHaveLength(2)
    expect(cards(stage)).toHaveLength(1)
  }, 30_000)

  it('are joined by the page that PagerDuty sends for the same, and change nothing when they are repeated', async () => {
    page = stage.world.trigger().id
    await theCard(/\+ \*3 more alerts\*[\s\S]*PagerDuty #\d+/)
    expect(await alertmanager.notify()).toBe(true)
    expect(cards(stage)).toHaveLength(1)
    expect(cards(stage)[0]?.text).toContain('3 more alerts')
  }, 30_000)

  it('are over when the last of them is, and another incident afterwards', async () => {
    for (const pod of ['a', 'b', 'c']) alertmanager.resolve(labels(pod))
    await alertmanager.notify()
    await theCard(/1 goes on; the first one is over/)
    stage.world.pagerduty.resolve(page)
    await theCard(/resolved \d\d:\d\d[\s\S]*all of them over/)
    alertmanager.fire(labels('d'), { summary: 'd is nearly full' })
    await alertmanager.notify()
    await theCard(/d is nearly full/)
    expect(cards(stage)).toHaveLength(2)
  }, 60_000)

  it('say what to add where the catalogue does not know their service', async () => {
    alertmanager.fire({ alertname: 'SearchIsDown', service: 'search' })
    await alertmanager.notify()
    const card = await theCard(/SearchIsDown/, FALLBACK)
    expect(card.text).toMatch(/search/)
    await theCard(/“search” is not in the service catalogue. Add it under/, FALLBACK)
  }, 30_000)
})
