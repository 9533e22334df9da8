import { afterEach, describe, expect, it } from '@jest/globals'
import { parseWebhook } from '../../../src/pagerduty/event.ts'
import { ADA, aReceiver, aStandIn, type Received, SERVICE } from './receiver.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function connected(
  reply?: Parameters<typeof aReceiver>[0],
  options: Parameters<typeof aStandIn>[0] = {},
  secrets: readonly string[] = ['s1'],
) {
  const receiver = await aReceiver(reply)
  const pagerduty = await aStandIn(options)
  stops.push(
    () => pagerduty.stop(),
    () => receiver.stop(),
  )
  pagerduty.subscribe({ url: receiver.url, secrets })
  const trigger = (title = 'Memory') => pagerduty.trigger({ serviceId: SERVICE.id, title })
  return { pagerduty, received: receiver.received, trigger }
}

const types = (received: readonly Received[]) => received.map(({ event }) => event.event_type)

describe("PagerDuty's stand-in delivers webhooks", () => {
  it('that are signed and that our parser reads', async () => {
    const { pagerduty, received, trigger } = await connected()
    pagerduty.addOnCall(SERVICE.escalationPolicyId, ADA)
    const { id, number } = trigger('Memory above 90 %')
    await pagerduty.settled()
    expect(received.map(({ signed }) => signed)).toEqual([true])
    expect(parseWebhook(received[0]?.raw ?? Buffer.of())).toMatchObject({
      ok: true,
      event: {
        kind: 'incident',
        transition: 'triggered',
        incident: { id, number, title: 'Memory above 90 %', serviceName: 'inference', assignees: [{ name: 'Ada' }] },
      },
    })
    expect(pagerduty.deliveries).toMatchObject([
      { eventType: 'incident.triggered', incidentId: id, attempt: 1, status: 202 },
    ])
  })

  it('for every kind of change, each readable', async () => {
    const { pagerduty, received, trigger } = await connected()
    const { id } = trigger()
    const other = trigger('Other')
    pagerduty.acknowledge(id, ADA.id)
    pagerduty.unacknowledge(id)
    pagerduty.annotate(id, 'Looking', ADA.id)
    pagerduty.resolve(id)
    pagerduty.reopen(id)
    pagerduty.merge(id, other.id, ADA.id)
    pagerduty.ping()
    await pagerduty.settled()
    const parsed = received.map(({ raw }) => parseWebhook(raw))
    expect(parsed.filter(({ ok }) => !ok)).toEqual([])
    expect(types(received.filter(({ event }) => event.data.id === id))).toEqual([
      'incident.triggered',
      'incident.acknowledged',
      'incident.unacknowledged',
      'incident.resolved',
      'incident.reopened',
      'incident.resolved',
    ])
    expect(types(received)).toEqual(expect.arrayContaining(['incident.annotated', 'pagey.ping']))
    const merged = parsed.flatMap((one) =>
      one.ok && one.event.kind === 'incident' ? [one.event.incident.mergedInto] : [],
    )
    expect(merged.filter(Boolean)).toEqual([other.id])
  })

  it('with one signature for each secret during a rotation', async () => {
    const { pagerduty, received, trigger } = await connected(undefined, {}, ['new', 's1'])
    trigger()
    await pagerduty.settled()
    expect(received[0]?.signed).toBe(true)
  })

  it.each([500, 503, 429])('again after %i, with the same id and bytes', async (status) => {
    let calls = 0
    const { pagerduty, received, trigger } = await connected(() => (++calls < 3 ? status : 202))
    trigger()
    await pagerduty.settled()
    expect(received).toHaveLength(3)
    expect(new Set(received.map(({ webhookId }) => webhookId)).size).toBe(1)
    expect(new Set(received.map(({ raw }) => raw.toString())).size).toBe(1)
    expect(pagerduty.deliveries.map((one) => [one.attempt, one.status])).toEqual([
      [1, status],
      [2, status],
      [3, 202],
    ])
  })

  it('again when nobody answers in time', async () => {
    let calls = 0
    const slowFirst = () => (++calls === 1 ? { afterMs: 200 } : 202)
    const { pagerduty, trigger } = await connected(slowFirst, { deliveryTimeoutMs: 30 })
    trigger()
    await pagerduty.settled()
    expect(pagerduty.deliveries.map(({ status }) => status)).toEqual(['timeout', 202])
  })

  it('again when nobody listens', async () => {
    const pagerduty = await aStandIn()
    const receiver = await aReceiver()
    await receiver.stop()
    stops.push(() => pagerduty.stop())
    pagerduty.subscribe({ url: receiver.url, secrets: ['s1'] })
    const attempts = new Promise<void>((resolve) => {
      pagerduty.on(({ attempt }) => attempt === 3 && resolve())
    })
    pagerduty.trigger({ serviceId: SERVICE.id, title: 'Memory' })
    await attempts
    expect(pagerduty.deliveries.map(({ status }) => status)).toEqual(['error', 'error', 'error'])
  })

  it('for at most 48 hours', async () => {
    let now = 0
    const { pagerduty, trigger } = await connected(
      () => {
        now += 20 * 3_600_000
        return 500
      },
      { now: () => now },
    )
    trigger()
    await pagerduty.settled()
    expect(pagerduty.deliveries).toHaveLength(3)
  })

  it('in order per incident: later ones wait behind one that is retried, other incidents do not', async () => {
    let calls = 0
    const { pagerduty, received, trigger } = await connected(({ event }) => {
      if (event.data.title !== 'stuck' || event.event_type !== 'incident.triggered') return 202
      return ++calls < 4 ? 500 : 202
    })
    const stuck = trigger('stuck')
    pagerduty.acknowledge(stuck.id)
    pagerduty.resolve(stuck.id)
    const free = trigger('free')
    await pagerduty.settled()
    expect(types(received.filter(({ event }) => event.data.id === stuck.id))).toEqual([
      ...Array(4).fill('incident.triggered'),
      'incident.acknowledged',
      'incident.resolved',
    ])
    const order = received.map(({ event }) => event.data.id)
    expect(order.indexOf(free.id)).toBeLessThan(order.lastIndexOf(stuck.id))
  })

  it('never again after another 4xx', async () => {
    const { pagerduty, received, trigger } = await connected(() => 400)
    trigger()
    await pagerduty.settled()
    expect(received).toHaveLength(1)
  })

  it('no more for 24 hours after three drops in a row', async () => {
    let now = 0
    const { pagerduty, received, trigger } = await connected(() => 401, { now: () => now })
    for (let count = 0; count < 3; count += 1) {
      trigger()
      await pagerduty.settled()
    }
    expect(pagerduty.subscriptions).toMatchObject([{ active: false }])
    trigger()
    await pagerduty.settled()
    expect(received).toHaveLength(3)
    now = 24 * 3_600_000
    trigger()
    await pagerduty.settled()
    expect(received).toHaveLength(4)
  })

  it('still after two drops and a success', async () => {
    let calls = 0
    const { pagerduty, trigger } = await connected(() => (++calls % 3 === 0 ? 202 : 400))
    for (let count = 0; count < 6; count += 1) {
      trigger()
      await pagerduty.settled()
    }
    expect(pagerduty.subscriptions).toMatchObject([{ active: true }])
  })

  it('twice while duplicating, with the same event id', async () => {
    const { pagerduty, received, trigger } = await connected()
    pagerduty.duplicate(true)
    trigger()
    await pagerduty.settled()
    expect(received).toHaveLength(2)
    expect(new Set(received.map(({ event }) => event.id)).size).toBe(1)
  })

  it('not at all for what happens while silent', async () => {
    const { pagerduty, received, trigger } = await connected()
    pagerduty.silence(true)
    trigger('missed')
    pagerduty.silence(false)
    trigger('told')
    await pagerduty.settled()
    expect(received.map(({ event }) => event.data.title)).toEqual(['told'])
  })

  it('in a storm of many incidents at once, each in its order', async () => {
    const { pagerduty, received, trigger } = await connected()
    const ids = Array.from({ length: 300 }, () => trigger().id)
    for (const id of ids) pagerduty.acknowledge(id)
    await pagerduty.settled()
    const stories = ids.map((id) => types(received.filter(({ event }) => event.data.id === id)))
    expect(stories).toEqual(ids.map(() => ['incident.triggered', 'incident.acknowledged']))
  })

  it('until it is stopped, even in the middle of a retry', async () => {
    const { pagerduty, trigger } = await connected(() => 500, { retryDelayMs: 60_000 })
    trigger()
    await new Promise<void>((resolve) => pagerduty.on(() => resolve()))
    const began = performance.now()
    await pagerduty.stop()
    expect(performance.now() - began).toBeLessThan(1000)
  })

  it('of nothing that PagerDuty would refuse', async () => {
    const { pagerduty, trigger } = await connected()
    const { id } = trigger()
    pagerduty.resolve(id)
    expect(() => pagerduty.resolve(id)).toThrow('Incident Already Resolved')
    expect(() => pagerduty.acknowledge(id)).toThrow('Incident Already Resolved')
    expect(() => pagerduty.merge(id, id)).toThrow('Invalid Input')
    expect(() => pagerduty.resolve('PNOWHERE')).toThrow('Not Found')
    expect(() => pagerduty.trigger({ serviceId: 'PNONE', title: '' })).toThrow('Not Found')
  })
})
