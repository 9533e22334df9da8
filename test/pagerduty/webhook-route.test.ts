import { createHmac } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { PagerDutyEvent } from '../../src/domain/pagerduty-event.ts'
import type { Route } from '../../src/http/route.ts'
import { mainRoutes } from '../../src/http/routes.ts'
import { type Server, startServer } from '../../src/http/server.ts'
import { MAX_WEBHOOK_BYTES } from '../../src/pagerduty/event.ts'
import { pagerDutyWebhook } from '../../src/pagerduty/webhook-route.ts'
import type { Commands } from '../../src/pipeline/commands.ts'
import type { PagerDutyStandIn } from '../../src/sandbox/pagerduty/index.ts'
import { aLog } from '../fakes/log.ts'
import { aStandIn, SERVICE } from '../sandbox/pagerduty/receiver.ts'
import { aWebhook } from './webhook-bodies.ts'

const SECRET = 'whsec-one'
type Stored = Extract<PagerDutyEvent, { kind: 'incident' }>

let server: Server | undefined
let pagerduty: PagerDutyStandIn
beforeEach(async () => {
  pagerduty = await aStandIn()
})
afterEach(async () => {
  await Promise.all([server?.stop(0), pagerduty.stop()])
})

async function anIntake(options: { secrets?: string[]; pagerDuty?: Commands['pagerDuty']; answerMs?: number } = {}) {
  const { secrets = [SECRET], answerMs } = options
  const log = aLog()
  const stored: Stored[] = []
  const store: Commands['pagerDuty'] = async (event) => {
    const known = stored.some(({ eventId }) => eventId === event.eventId)
    if (!known) stored.push(event)
    return known ? 'duplicate' : 'stored'
  }
  const commands = { pagerDuty: options.pagerDuty ?? store }
  const pagerDuty = pagerDutyWebhook({ secrets, commands, log })
  const gate = async () => ({ status: 200, body: {}, headers: {} })
  const routes: readonly Route[] = mainRoutes({ pagerDuty, gate }).map((one) => ({
    ...one,
    ...(answerMs && { answerMs }),
  }))
  server = await startServer({ host: '127.0.0.1', port: 0, routes, log })
  const url = `${server.url}/webhooks/pagerduty`
  const post = async (body: Buffer, headers: Record<string, string> = { 'x-pagerduty-signature': signed(body) }) => {
    const response = await fetch(url, { method: 'POST', body, headers: { 'x-webhook-id': 'wh-1', ...headers } })
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() }
  }
  return { url, log, stored, post }
}

function signed(body: Buffer, secret = SECRET): string {
  return `v1=${createHmac('sha256', secret).update(body).digest('hex')}`
}

describe('a webhook', () => {
  it('is answered with 202 once it is stored, and as a duplicate the second time', async () => {
    const { post, stored } = await anIntake()
    expect(await post(aWebhook())).toMatchObject({ status: 202, body: { status: 'stored' } })
    expect(await post(aWebhook())).toMatchObject({ status: 202, body: { status: 'duplicate' } })
    expect(stored).toMatchObject([{ eventId: '5ac64822-4adc-4fda-ade0-410becf0de4f', transition: 'triggered' }])
  })

  it('is logged by its ids and never by its content', async () => {
    const { post, log } = await anIntake()
    await post(aWebhook())
    const line = log.lines.find(({ message }) => message === 'PagerDuty webhook')
    expect(line?.fields).toEqual({
      webhookId: 'wh-1',
      eventId: '5ac64822-4adc-4fda-ade0-410becf0de4f',
      incident: 'PGR0VU2',
      transition: 'triggered',
      result: 'stored',
    })
    expect(JSON.stringify(log.lines)).not.toContain('Memory of inference')
  })

  const note = { type: 'incident_note', id: 'PN1', incident: { id: 'PGR0VU2' }, content: 'hello', trimmed: false }
  it.each([
    ['a ping', { event_type: 'pagey.ping', data: { message: 'x', type: 'ping' } }, 200, 'pong'],
    ['a note', { event_type: 'incident.annotated', data: note }, 202, 'ignored'],
    ['a type of tomorrow', { event_type: 'incident.teleported', data: { whatever: 1 } }, 202, 'ignored'],
  ])('that is %s stores nothing', async (_, changes, status, word) => {
    const { post, stored } = await anIntake()
    expect(await post(aWebhook(changes))).toMatchObject({ status, body: { status: word } })
    expect(stored).toEqual([])
  })

  it.each([
    ['no signature', {}],
    ['another secret’s signature', { 'x-pagerduty-signature': signed(aWebhook(), 'other') }],
    ['the signature of another body', { 'x-pagerduty-signature': signed(Buffer.from('{}')) }],
    ['nonsense', { 'x-pagerduty-signature': 'v1=zz,,v0=' }],
  ])('with %s is refused with 401 and nothing is stored', async (_, headers) => {
    const { post, stored } = await anIntake()
    expect(await post(aWebhook(), headers)).toMatchObject({ status: 401, body: { status: 'refused' } })
    expect(stored).toEqual([])
  })

  it.each([
    ['is no JSON', Buffer.from('{"event":')],
    ['is no UTF-8', Buffer.from([0xff, 0xfe])],
    ['is empty', Buffer.alloc(0)],
    ['has no incident', aWebhook({ data: {} })],
  ])('that is signed and %s is refused with 400', async (_, body) => {
    const { post, stored } = await anIntake()
    expect(await post(body)).toMatchObject({ status: 400, body: { status: 'refused', problem: expect.any(String) } })
    expect(stored).toEqual([])
  })

  it('above what PagerDuty sends at most is refused with 413, and one of just that size is read', async () => {
    const { post } = await anIntake()
    const padded = (bytes: number) => {
      const short = aWebhook({ padding: '' })
      return aWebhook({ padding: 'x'.repeat(bytes - short.length) })
    }
    expect(await post(padded(MAX_WEBHOOK_BYTES))).toMatchObject({ status: 202 })
    expect(await post(padded(MAX_WEBHOOK_BYTES + 1))).toMatchObject({ status: 413 })
  })

  it.each([
    ['old and new are known here, new signs', ['old', 'new'], ['new']],
    ['old and new are known here, old signs', ['old', 'new'], ['old']],
    ['PagerDuty signs with both, only the old is known', ['old'], ['old', 'new']],
    ['PagerDuty signs with both, only the new is known', ['new'], ['old', 'new']],
  ])('passes while secrets are rotated: %s', async (_, secrets, signers) => {
    const { post } = await anIntake({ secrets })
    const body = aWebhook()
    const signature = signers.map((secret) => signed(body, secret)).join(',')
    expect(await post(body, { 'x-pagerduty-signature': signature })).toMatchObject({ status: 202 })
  })
})

describe('our own trouble is a 503 that PagerDuty repeats', () => {
  it('when no secret is configured, because nothing unsigned is ever accepted', async () => {
    const { post, stored, log } = await anIntake({ secrets: [] })
    expect(await post(aWebhook())).toMatchObject({ status: 503, retryAfter: '5' })
    expect(stored).toEqual([])
    expect(log.messages('error')).toEqual([expect.stringContaining('PAGERDUTY_WEBHOOK_SECRETS')])
  })

  it('when the store rejects', async () => {
    const { post, log } = await anIntake({ pagerDuty: () => Promise.reject(new Error('disk full')) })
    expect(await post(aWebhook())).toMatchObject({ status: 503, retryAfter: '5', body: { status: 'unavailable' } })
    expect(log.messages('error')).toEqual([expect.stringContaining('could not be stored')])
  })

  it('when the store hangs, before PagerDuty gives up', async () => {
    const { post } = await anIntake({ pagerDuty: () => new Promise(() => undefined) })
    const before = performance.now()
    expect(await post(aWebhook())).toMatchObject({ status: 503, retryAfter: '5' })
    expect(performance.now() - before).toBeLessThan(5_000)
  })

  it('and a store that fails after that disturbs nobody', async () => {
    const { post } = await anIntake({
      answerMs: 20,
      pagerDuty: () => wait(60).then(() => Promise.reject(new Error('late'))),
    })
    expect(await post(aWebhook())).toMatchObject({ status: 503 })
    // An unhandled rejection would fail the suite here.
    await wait(100)
  })
})

describe('together with PagerDuty', () => {
  it('an incident arrives once although every webhook is sent twice and the store fails at first', async () => {
    let attempts = 0
    const stored = new Set<string>()
    const { url } = await anIntake({
      pagerDuty: async ({ eventId }) => {
        attempts += 1
        if (attempts <= 2) throw new Error('not yet')
        const known = stored.has(eventId)
        stored.add(eventId)
        return known ? 'duplicate' : 'stored'
      },
    })
    pagerduty.subscribe({ url, secrets: [SECRET, 'next'] })
    pagerduty.duplicate(true)
    const { id } = pagerduty.trigger({ serviceId: SERVICE.id, title: 'Memory' })
    pagerduty.acknowledge(id)
    pagerduty.annotate(id, 'looking')
    pagerduty.ping()
    await pagerduty.settled()
    expect(stored.size).toBe(2)
    expect(pagerduty.subscriptions).toEqual([{ url, active: true }])
    expect(pagerduty.deliveries.filter(({ status }) => status === 503)).toHaveLength(2)
  })
})
