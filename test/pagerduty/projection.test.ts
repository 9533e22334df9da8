import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Incident } from '../../src/domain/incident.ts'
import { createPagerDutyClient } from '../../src/pagerduty/client.ts'
import { pagerDutyProjection } from '../../src/pagerduty/projection.ts'
import type { View } from '../../src/pipeline/ports.ts'
import type { PagerDutyStandIn } from '../../src/sandbox/pagerduty/index.ts'
import { aDiagnosis, aRemediation } from '../builders.ts'
import { aDelivery, anIncident } from '../contract/records.ts'
import { aHold } from '../fakes/hold.ts'
import { aLog } from '../fakes/log.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { aStandIn, BOT, SERVICE, TOKEN } from '../sandbox/pagerduty/receiver.ts'

const START = Date.parse('2026-05-11T03:42:00Z')
const NOTES = { path: /\/notes$/ }
const WRITING = { method: 'POST', path: /\/notes$/ }
const READING = { method: 'GET', path: /\/notes$/ }

const DIAGNOSIS = aDiagnosis({ conclusion: 'Old model versions are never freed' })

let pagerduty: PagerDutyStandIn
let now = START
let log: ReturnType<typeof aLog>
beforeEach(async () => {
  now = START
  log = aLog()
  pagerduty = await aStandIn({ now: () => now })
})
afterEach(() => pagerduty.stop())

/** A diagnosed incident at PagerDuty and in the record; `reconcile` is one run of the projection, by a process with no memory. */
function aStory(change: Partial<Incident> = {}) {
  const { id } = pagerduty.trigger({ serviceId: SERVICE.id, title: 'Memory' })
  const store = memoryStore()
  const incident = anIncident({
    id: `pd-${id}`,
    pagerduty: { incidentId: id, serviceId: SERVICE.id, serviceName: SERVICE.name },
    investigations: [
      {
        id: `pd-${id}-i1`,
        reason: 'opened',
        state: 'finished',
        startedAt: START,
        finishedAt: START,
        checks: 4,
        findings: [],
        diagnosis: DIAGNOSIS,
      },
    ],
    ...change,
  })
  const client = createPagerDutyClient({
    token: TOKEN,
    from: BOT.email,
    baseUrl: pagerduty.url,
    timeoutMs: 150,
    now: () => now,
  })
  const deliveries = () => store.deliveries(incident.id)
  let timelineEnd: View['timelineEnd'] = { sequence: 7, hash: 'a'.repeat(64) }
  const view = async (): Promise<View> => ({
    incident,
    service: undefined,
    channel: undefined,
    progress: undefined,
    deliveries: await deliveries(),
    timelineEnd,
    now,
  })
  const projection = pagerDutyProjection({ client, store, log, now: () => now })
  const reconcile = async () => projection.reconcile(await view(), aHold())
  /** As the pipeline does: comes back when told to, until nothing is left to do. */
  const reconcileAll = async (rounds = 20): Promise<number> => {
    for (let round = 1; round <= rounds; round++) {
      const result = await reconcile()
      if (result === 'complete') return round
      now = Math.max(now, result.againAt)
    }
    throw new Error(`not complete after ${rounds} rounds`)
  }
  const written = () => pagerduty.notes(id).map(({ content }) => content.split('\n')[0])
  const grow = (sequence: number, digit: string) => {
    timelineEnd = { sequence, hash: digit.repeat(64) }
  }
  return { id, store, incident, view, deliveries, reconcile, reconcileAll, written, grow }
}

const ONCE = ['incbot: Old model versions are never freed']

describe('the conclusion becomes one note', () => {
  it('however often the projection runs', async () => {
    const { reconcile, written, deliveries, id } = aStory()
    expect([await reconcile(), await reconcile(), await reconcile()]).toEqual(['complete', 'complete', 'complete'])
    expect(written()).toEqual(ONCE)
    const [note] = pagerduty.notes(id)
    expect(await deliveries()).toMatchObject([{ key: `note:pd-${id}-i1`, state: 'sent', reference: note?.id }])
  })

  it('although PagerDuty carried it out and never answered', async () => {
    const { reconcile, reconcileAll, written, deliveries } = aStory()
    pagerduty.failNext(WRITING, 'accept_then_hang')
    expect(await reconcile()).toEqual({ againAt: START + 10_000 })
    expect(await deliveries()).toMatchObject([{ state: 'intended' }])
    await reconcileAll()
    expect(written()).toEqual(ONCE)
    expect(await deliveries()).toMatchObject([{ state: 'sent', reference: expect.any(String) }])
  })

  it.each([
    ['it was hung up on', 'reset'],
    ['it was not answered', 'hang'],
    ['a gateway answered', { status: 502 }],
    ['a proxy answered', 'not_json'],
    ['there was no budget left', { status: 429 }],
  ] as const)('although the first time %s', async (_, fault) => {
    const { reconcileAll, written } = aStory()
    pagerduty.failNext(WRITING, fault)
    await reconcileAll()
    expect(written()).toEqual(ONCE)
  })

  it('although the notes could not be read at first either', async () => {
    const { reconcileAll, written } = aStory()
    pagerduty.failNext(WRITING, 'accept_then_hang')
    pagerduty.failNext(READING, 'hang', 2)
    pagerduty.failNext(READING, { status: 500 })
    await reconcileAll()
    expect(written()).toEqual(ONCE)
  })

  it('although the process died after writing and before noting so', async () => {
    const { reconcile, reconcileAll, view, store, written, deliveries } = aStory()
    const before = await view()
    await reconcile()
    const [sent] = await deliveries()
    await store.saveDelivery(aDelivery({ key: sent?.key ?? '', incidentId: before.incident.id, updatedAt: START }))
    await reconcileAll()
    expect(written()).toEqual(ONCE)
  })

  it('although the process died before writing', async () => {
    const { reconcileAll, store, incident, written } = aStory()
    await store.saveDelivery(
      aDelivery({ key: `note:${incident.investigations[0]?.id}`, incidentId: incident.id, updatedAt: START }),
    )
    await reconcileAll()
    expect(written()).toEqual(ONCE)
  })

  it('whatever people write in between', async () => {
    const { id, reconcile, reconcileAll } = aStory()
    pagerduty.failNext(WRITING, 'accept_then_hang')
    await reconcile()
    for (let note = 0; note < 5; note++) pagerduty.annotate(id, `Looking at it, ${note}`)
    await reconcileAll()
    expect(pagerduty.notes(id).filter(({ content }) => content.includes('incbot ref'))).toHaveLength(1)
  })
})

describe('a note is given up', () => {
  it.each([
    [
      'the token is refused',
      { status: 401, body: { error: { code: 2006, message: 'Unauthorized' } } },
      'PAGERDUTY_API_TOKEN',
    ],
    ['the user may not', { status: 403 }, 'permission'],
    [
      'the incident is gone',
      { status: 404, body: { error: { code: 2100, message: 'Not Found' } } },
      'nothing under this id',
    ],
    ['PagerDuty finds it wrong', { status: 400, body: { error: { code: 2001, message: 'Invalid' } } }, 'refused'],
  ])('at once and for good when %s', async (_, fault, why) => {
    const { reconcile, deliveries, written } = aStory()
    pagerduty.failNext(WRITING, fault)
    expect([await reconcile(), await reconcile()]).toEqual(['complete', 'complete'])
    expect(await deliveries()).toMatchObject([{ state: 'abandoned', note: expect.stringContaining(why) }])
    expect(written()).toEqual([])
    expect(log.messages('warn')).toEqual(['PagerDuty note given up'])
  })

  it('when nobody can tell whether it stands there', async () => {
    const { reconcileAll, deliveries, written } = aStory()
    pagerduty.failNext(WRITING, 'accept_then_hang')
    pagerduty.failNext(READING, { status: 403 })
    await reconcileAll()
    expect(written()).toEqual(ONCE)
    expect(await deliveries()).toMatchObject([
      { state: 'abandoned', note: expect.stringContaining('It may have been written') },
    ])
  })

  it('when PagerDuty was out of reach for a day', async () => {
    const { reconcileAll, deliveries } = aStory()
    pagerduty.failNext(NOTES, { status: 503 }, 10_000)
    now += 24 * 3_600_000 - 60_000
    await reconcileAll()
    expect(await deliveries()).toMatchObject([{ state: 'abandoned' }])
    expect(log.messages('warn')).toEqual(['PagerDuty note has to wait', 'PagerDuty note given up'])
  })
})

describe('patience', () => {
  it('lasts as long as PagerDuty asks for', async () => {
    const { reconcile } = aStory()
    pagerduty.failNext(WRITING, { status: 429, headers: { 'ratelimit-reset': '17' } })
    expect(await reconcile()).toEqual({ againAt: START + 17_000 })
  })

  it('is kept when something else wakes the incident: a request without an answer may still be carried out', async () => {
    const { reconcile, written } = aStory()
    pagerduty.failNext(WRITING, 'hang')
    await reconcile()
    const asked = pagerduty.requests.length
    now += 3_000
    expect(await reconcile()).toEqual({ againAt: START + 10_000 })
    expect([pagerduty.requests.length, written()]).toEqual([asked, []])
  })

  it('does not hold up Slack for long while PagerDuty hangs', async () => {
    const { view, store } = aStory()
    const client = createPagerDutyClient({ token: TOKEN, from: BOT.email, baseUrl: pagerduty.url, timeoutMs: 60_000 })
    const projection = pagerDutyProjection({ client, store, log, now: () => now, withinMs: 100 })
    pagerduty.failNext(WRITING, 'hang')
    const before = performance.now()
    await projection.reconcile(await view(), aHold())
    expect(performance.now() - before).toBeLessThan(1_000)
  })

  it('is logged once for an outage, and its end too', async () => {
    const { reconcileAll } = aStory()
    pagerduty.failNext(NOTES, { status: 503 }, 4)
    await reconcileAll()
    expect(log.messages('warn')).toEqual(['PagerDuty note has to wait'])
    expect(log.messages('info')).toEqual(['PagerDuty takes notes again'])
  })
})

describe('several notes', () => {
  const outcome = { result: 'succeeded' as const, text: '3 of 3 pods are new and ready.' }
  const done = aRemediation({ state: 'succeeded', outcome, finishedAt: START + 1, title: 'Rolling restart' })

  it('are written one in each run, in order', async () => {
    const { reconcile, written } = aStory({ remediations: [done] })
    expect(await reconcile()).toEqual({ againAt: START })
    expect(written()).toEqual(ONCE)
    expect(await reconcile()).toBe('complete')
    expect(written()).toEqual([...ONCE, 'incbot: Rolling restart: succeeded'])
  })

  it('each carry the end that the timeline had when they were written', async () => {
    const { id, reconcile, grow } = aStory({ remediations: [done] })
    await reconcile()
    grow(9, 'b')
    await reconcile()
    const heads = pagerduty.notes(id).map(({ content }) => /^audit head (.*)$/m.exec(content)?.[1])
    expect(heads).toEqual(['7:aaaaaaaaaaaaaaaa', '9:bbbbbbbbbbbbbbbb'])
  })

  it('take the newer end where the first attempt came to nothing', async () => {
    const { id, reconcile, reconcileAll, grow } = aStory()
    pagerduty.failNext(WRITING, { status: 503 })
    await reconcile()
    grow(12, 'c')
    await reconcileAll()
    expect(pagerduty.notes(id)[0]?.content).toContain('\naudit head 12:cccccccccccccccc\n')
  })

  it('do not wait for one that was given up', async () => {
    const { reconcileAll, written } = aStory({ remediations: [done] })
    pagerduty.failNext(WRITING, { status: 403 })
    await reconcileAll()
    expect(written()).toEqual(['incbot: Rolling restart: succeeded'])
  })
})

describe('nothing is written', () => {
  it.each([
    ['an incident that was over when we heard of it', { live: false }],
    ['an incident without a diagnosis', { investigations: [] }],
  ])('to %s', async (_, change) => {
    const { reconcile } = aStory(change)
    expect(await reconcile()).toBe('complete')
    expect(pagerduty.requests).toEqual([])
  })

  it('for a report that somebody asked for in Slack', async () => {
    const { view, store, incident } = aStory()
    const { pagerduty: _, ...report } = incident
    const client = createPagerDutyClient({ token: TOKEN, from: BOT.email, baseUrl: pagerduty.url, timeoutMs: 150 })
    const projection = pagerDutyProjection({ client, store, log, now: () => now })
    const seen = { ...(await view()), incident: report }
    expect(await projection.reconcile(seen, aHold())).toBe('complete')
    expect(pagerduty.requests).toEqual([])
  })

  it('without an API token', async () => {
    const { view, store } = aStory()
    const projection = pagerDutyProjection({ client: undefined, store, log, now: () => now })
    expect(await projection.reconcile(await view(), aHold())).toBe('complete')
  })

  it('while its intent cannot be stored', async () => {
    const { view, store, written } = aStory()
    const client = createPagerDutyClient({ token: TOKEN, from: BOT.email, baseUrl: pagerduty.url, timeoutMs: 150 })
    const broken = { ...store, saveDelivery: () => Promise.reject(new Error('disk full')) }
    const projection = pagerDutyProjection({ client, store: broken, log, now: () => now })
    await expect(projection.reconcile(await view(), aHold())).rejects.toThrow('disk full')
    expect(written()).toEqual([])
  })
})
