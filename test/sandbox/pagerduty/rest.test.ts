import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { incidentFromRest } from '../../../src/pagerduty/incident-facts.ts'
import type { PagerDutyStandIn } from '../../../src/sandbox/pagerduty/index.ts'
import { ADA, aStandIn, BOT, SERVICE, TOKEN } from './receiver.ts'

let now = Date.parse('2026-05-11T03:42:00Z')
let pagerduty: PagerDutyStandIn
beforeEach(async () => {
  now = Date.parse('2026-05-11T03:42:00Z')
  pagerduty = await aStandIn({ now: () => now })
})
afterEach(() => pagerduty.stop())

const GOOD = {
  accept: 'application/vnd.pagerduty+json;version=2',
  authorization: `Token token=${TOKEN}`,
  'content-type': 'application/json',
}

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const init = { method, headers: { ...GOOD, ...headers }, ...(body !== undefined && { body: JSON.stringify(body) }) }
  const response = await fetch(pagerduty.url + path, init)
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
}
const trigger = () => pagerduty.trigger({ serviceId: SERVICE.id, title: 'Memory' }).id
const from = { from: BOT.email }

describe("PagerDuty's stand-in refuses", () => {
  it.each([
    ['no token', 'GET', '/incidents', undefined, { authorization: '' }, 401, 2006],
    ['another token', 'GET', '/incidents', undefined, { authorization: 'Token token=x' }, 401, 2006],
    ['another version', 'GET', '/incidents', undefined, { accept: '*/*' }, 400, 2001],
    ['an unknown path', 'GET', '/incident', undefined, {}, 404, 2100],
    ['an unknown method', 'DELETE', '/incidents/ID', undefined, {}, 404, 2100],
    ['an unknown parameter', 'GET', '/incidents?service_id=P', undefined, {}, 400, 2001],
    ['an unknown parameter of one incident', 'GET', '/incidents/ID?limit=1', undefined, {}, 400, 2001],
    ['a limit of nothing', 'GET', '/incidents?limit=0', undefined, {}, 400, 2001],
    ['a limit beyond 100', 'GET', '/incidents?limit=101', undefined, {}, 400, 2001],
    ['an offset beyond 10,000', 'GET', '/incidents?limit=100&offset=9901', undefined, {}, 400, 2001],
    ['an offset that is no number', 'GET', '/incidents?offset=x', undefined, {}, 400, 2001],
    ['a time that is not UTC', 'GET', '/incidents?since=2026-05-11T03:42:00%2B02:00', undefined, {}, 400, 2001],
    ['an unknown incident', 'GET', '/incidents/QNONE', undefined, {}, 404, 2100],
    ['an unknown service', 'GET', '/services/PNONE/change_events', undefined, {}, 404, 2100],
    ['an unknown user', 'GET', '/users/PNONE', undefined, {}, 404, 2100],
    ['an unknown include', 'GET', '/oncalls?include[]=teams', undefined, {}, 400, 2001],
    ['a note without From', 'POST', '/incidents/ID/notes', { note: { content: 'x' } }, {}, 400, 2011],
    [
      'a note in an unknown name',
      'POST',
      '/incidents/ID/notes',
      { note: { content: 'x' } },
      { from: 'x@y.z' },
      400,
      1008,
    ],
    ['an empty note', 'POST', '/incidents/ID/notes', { note: { content: '' } }, from, 400, 2001],
    [
      'a note with more than its content',
      'POST',
      '/incidents/ID/notes',
      { note: { content: 'x', a: 1 } },
      from,
      400,
      2001,
    ],
    [
      'a note that is no JSON',
      'POST',
      '/incidents/ID/notes',
      { note: {} },
      { ...from, 'content-type': 'text/plain' },
      400,
      2001,
    ],
    [
      'an update without From',
      'PUT',
      '/incidents/ID',
      { incident: { type: 'incident', status: 'resolved' } },
      {},
      400,
      2011,
    ],
    ['an update without type', 'PUT', '/incidents/ID', { incident: { status: 'resolved' } }, from, 400, 2001],
    [
      'a status of its own',
      'PUT',
      '/incidents/ID',
      { incident: { type: 'incident', status: 'triggered' } },
      from,
      400,
      2001,
    ],
    ['a merge without From', 'PUT', '/incidents/ID/merge', { source_incidents: [] }, {}, 400, 2011],
    ['a merge of nothing', 'PUT', '/incidents/ID/merge', { source_incidents: [] }, from, 400, 2001],
  ])('%s', async (_, method, path, body, headers, status, code) => {
    const answer = await ask(method, path.replace('ID', trigger()), body, headers)
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
  })

  it('to resolve, acknowledge or merge twice', async () => {
    const [id, other] = [trigger(), trigger()]
    const put = async (path: string, body: unknown) => {
      const answer = await ask('PUT', `/incidents/${path}`, body, from)
      return answer.body.error?.code ?? answer.status
    }
    const become = (status: string) => put(id, { incident: { type: 'incident_reference', status } })
    const merge = () => put(`${other}/merge`, { source_incidents: [{ id, type: 'incident_reference' }] })
    expect([await become('acknowledged'), await become('acknowledged')]).toEqual([200, 1002])
    expect([await merge(), await merge(), await become('resolved')]).toEqual([200, 1019, 1001])
  })

  it('the 961st request of a minute', async () => {
    for (let count = 0; count < 960; count += 40) {
      await Promise.all(Array.from({ length: 40 }, () => ask('GET', `/users/${ADA.id}`)))
    }
    now += 20_000
    const refused = await ask('GET', `/users/${ADA.id}`)
    expect([refused.status, refused.body.error.code]).toEqual([429, 2020])
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'ratelimit-limit': '960',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '40',
    })
    now += 40_000
    expect((await ask('GET', `/users/${ADA.id}`)).headers.get('ratelimit-remaining')).toBe('959')
  })
})

describe("PagerDuty's stand-in answers", () => {
  it('with incidents that our parser reads, in pages', async () => {
    pagerduty.addOnCall(SERVICE.escalationPolicyId, ADA)
    const ids = [trigger(), trigger(), trigger()]
    const first = (await ask('GET', '/incidents?limit=2')).body
    expect(first).toMatchObject({ limit: 2, offset: 0, more: true })
    const second = (await ask('GET', '/incidents?limit=2&offset=2')).body
    expect(second.more).toBe(false)
    const read = [...first.incidents, ...second.incidents].map(incidentFromRest)
    expect(read).toMatchObject(ids.map((id) => ({ ok: true, incident: { id, assignees: [{ id: ADA.id }] } })))
  })

  it('with incidents by service, status, urgency and key', async () => {
    const id = pagerduty.trigger({ serviceId: SERVICE.id, title: 'Low', urgency: 'low', incidentKey: 'k1' }).id
    trigger()
    for (const query of ['urgencies[]=low', 'incident_key=k1']) {
      expect((await ask('GET', `/incidents?${query}`)).body.incidents).toMatchObject([{ id }])
    }
    pagerduty.acknowledge(id)
    expect((await ask('GET', '/incidents?statuses[]=acknowledged')).body.incidents).toMatchObject([{ id }])
    expect((await ask('GET', '/incidents?service_ids[]=PELSE')).body.incidents).toEqual([])
  })

  it('without the incidents of more than 30 days ago, unless asked for all', async () => {
    const id = trigger()
    now += 31 * 24 * 3_600_000
    expect((await ask('GET', '/incidents')).body.incidents).toEqual([])
    expect((await ask('GET', '/incidents?date_range=all')).body.incidents).toMatchObject([{ id }])
  })

  it('with what was written: notes, states, merges', async () => {
    const [id, other] = [trigger(), trigger()]
    await ask('POST', `/incidents/${id}/notes`, { note: { content: 'Leak' } }, from)
    expect((await ask('GET', `/incidents/${id}/notes`)).body.notes).toMatchObject([
      { content: 'Leak', user: { id: BOT.id }, created_at: '2026-05-11T03:42:00Z' },
    ])
    await ask('PUT', `/incidents/${other}/merge`, { source_incidents: [{ id, type: 'incident_reference' }] }, from)
    expect((await ask('GET', `/incidents/${id}`)).body.incident).toMatchObject({
      status: 'resolved',
      resolve_reason: { type: 'merge_resolve_reason', incident: { id: other } },
      assignments: [],
    })
    expect((await ask('GET', `/incidents/${other}/alerts`)).body.alerts).toHaveLength(2)
    const { log_entries } = (await ask('GET', `/incidents/${id}/log_entries`)).body
    expect(log_entries).toMatchObject([{ type: 'triggered_log_entry' }, { type: 'resolved_log_entry' }])
  })

  it('with ordered failures, in their order and as often as ordered', async () => {
    pagerduty.failNext({ method: 'GET', path: /^\/users/ }, { status: 429 })
    pagerduty.failNext({}, { status: 503, body: { down: true }, headers: { 'retry-after': '1' } }, 2)
    expect((await ask('GET', `/users/${ADA.id}`)).body).toMatchObject({ error: { code: 2020 } })
    const down = await ask('GET', `/users/${ADA.id}`)
    expect([down.status, down.headers.get('retry-after'), down.body]).toEqual([503, '1', { down: true }])
    expect((await ask('GET', '/oncalls')).status).toBe(503)
    expect((await ask('GET', '/oncalls')).status).toBe(200)
  })

  it('nothing after all was done, when ordered', async () => {
    const id = trigger()
    pagerduty.failNext({ method: 'POST' }, 'accept_then_hang')
    const init = { method: 'POST', headers: { ...GOOD, ...from }, body: '{"note":{"content":"Leak"}}' }
    const hanging = fetch(`${pagerduty.url}/incidents/${id}/notes`, { ...init, signal: AbortSignal.timeout(100) })
    await expect(hanging).rejects.toThrow(/timeout/)
    expect(pagerduty.notes(id)).toHaveLength(1)
    expect(pagerduty.requests).toMatchObject([{ method: 'POST', status: 0, body: { note: { content: 'Leak' } } }])
  })

  it('and writes down who asked what', async () => {
    await ask('GET', '/oncalls?limit=1')
    expect(pagerduty.requests).toEqual([{ method: 'GET', path: '/oncalls', query: '?limit=1', status: 200, at: now }])
  })
})

describe("PagerDuty's stand-in takes events", () => {
  const enqueue = async (body: unknown, path = '/v2/enqueue') => {
    const response = await fetch(pagerduty.eventsUrl + path, { method: 'POST', body: JSON.stringify(body) })
    return { status: response.status, body: JSON.parse(await response.text()) }
  }
  const anEvent = (changes: Record<string, unknown> = {}, payload: Record<string, unknown> = {}) => ({
    routing_key: pagerduty.routingKey(SERVICE.id),
    event_action: 'trigger',
    dedup_key: 'd1',
    payload: { summary: 'Memory', source: 'prometheus', severity: 'warning', custom_details: { pod: 'a' }, ...payload },
    ...changes,
  })

  it('that open, acknowledge and resolve one incident per key', async () => {
    expect(await enqueue(anEvent())).toMatchObject({ status: 202, body: { status: 'success', dedup_key: 'd1' } })
    await enqueue(anEvent())
    const open = (await ask('GET', '/incidents')).body.incidents
    expect(open).toMatchObject([{ title: 'Memory', incident_key: 'd1', status: 'triggered' }])
    const alerts = (await ask('GET', `/incidents/${open[0].id}/alerts`)).body.alerts
    expect(alerts).toMatchObject([{ severity: 'warning', body: { details: { pod: 'a' } } }])
    for (const [event_action, status] of [
      ['acknowledge', 'acknowledged'],
      ['resolve', 'resolved'],
    ]) {
      const { routing_key, dedup_key } = anEvent()
      expect((await enqueue({ routing_key, dedup_key, event_action })).status).toBe(202)
      expect((await ask('GET', '/incidents')).body.incidents).toMatchObject([{ status }])
    }
  })

  it('of changes', async () => {
    const { routing_key } = anEvent()
    const payload = { summary: 'Deploy 47', source: 'ci', timestamp: '2026-05-11T03:00:00Z' }
    const links = [{ href: 'https://ci.test/47' }]
    expect((await enqueue({ routing_key, payload, links }, '/v2/change/enqueue')).status).toBe(202)
    expect((await ask('GET', `/services/${SERVICE.id}/change_events`)).body.change_events).toMatchObject([
      { summary: 'Deploy 47', source: 'ci', timestamp: '2026-05-11T03:00:00.000Z', links },
    ])
  })

  it.each([
    ['with a wrong key', { routing_key: 'x'.repeat(32) }, {}],
    ['with a short key', { routing_key: 'x' }, {}],
    ['without a source', {}, { source: undefined }],
    ['with a severity of its own', {}, { severity: 'P1' }],
    ['with a summary beyond 1,024', {}, { summary: 'x'.repeat(1025) }],
    ['with an unknown field', { urgency: 'high' }, {}],
    ['to resolve without a key', { event_action: 'resolve', dedup_key: undefined, payload: undefined }, {}],
  ])('but none %s', async (_, changes, payload) => {
    const body = { ...anEvent({}, payload), ...changes }
    expect(await enqueue(body)).toMatchObject({ status: 400, body: { status: 'invalid event' } })
    expect((await ask('GET', '/incidents')).body.incidents).toEqual([])
  })
})
