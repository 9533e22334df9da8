import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { TRANSITIONS } from '../../src/domain/pagerduty-event.ts'
import { MAX_WEBHOOK_BYTES, parseWebhook } from '../../src/pagerduty/event.ts'
import { aReference, aWebhook, aWebhookIncident } from './webhook-bodies.ts'

const incidentIn = (changes: Record<string, unknown>) => {
  const parsed = parseWebhook(aWebhook({ data: aWebhookIncident(changes) }))
  if (!parsed.ok || parsed.event.kind !== 'incident') throw new Error(JSON.stringify(parsed))
  return parsed.event.incident
}
const problemIn = (raw: Buffer) => {
  const parsed = parseWebhook(raw)
  return parsed.ok ? undefined : parsed.problem
}

describe('parsing a webhook', () => {
  it('reads an incident into plain facts', () => {
    expect(parseWebhook(aWebhook({ agent: aReference('PLH1HKV', 'Tenex Engineer', 'user_reference') }))).toEqual({
      ok: true,
      event: {
        kind: 'incident',
        eventId: '5ac64822-4adc-4fda-ade0-410becf0de4f',
        transition: 'triggered',
        occurredAt: '2026-04-09T15:16:27.169Z',
        agent: 'Tenex Engineer',
        incident: {
          id: 'PGR0VU2',
          number: 2,
          title: 'Memory of inference is above 90 %',
          htmlUrl: 'https://acme.pagerduty.com/incidents/PGR0VU2',
          status: 'triggered',
          urgency: 'high',
          serviceId: 'PF9KMXH',
          serviceName: 'inference',
          escalationPolicyId: 'PUS0KTE',
          incidentKey: 'd3640fbd41094207a1c11e58e46b1662',
          createdAt: '2026-04-09T15:16:27.000Z',
          assignees: [{ id: 'PTUXL6G', name: 'Ada' }],
          mergedInto: undefined,
        },
      },
    })
  })

  it.each(TRANSITIONS)('knows incident.%s', (transition) => {
    const parsed = parseWebhook(aWebhook({ event_type: `incident.${transition}` }))
    expect(parsed).toMatchObject({ ok: true, event: { kind: 'incident', transition } })
  })

  it('reads a note, which says neither service nor status', () => {
    const data = {
      incident: aReference('PGR0VU2', 'Memory', 'incident_reference'),
      id: 'P2LA89X',
      content: 'Restarted\r\nby hand\u0000',
      trimmed: false,
      type: 'incident_note',
    }
    expect(parseWebhook(aWebhook({ event_type: 'incident.annotated', data }))).toEqual({
      ok: true,
      event: {
        kind: 'note',
        eventId: '5ac64822-4adc-4fda-ade0-410becf0de4f',
        occurredAt: '2026-04-09T15:16:27.169Z',
        incidentId: 'PGR0VU2',
        noteId: 'P2LA89X',
        content: 'Restarted\nby hand',
      },
    })
  })

  it('reads a ping', () => {
    const data = { message: 'Hello from your friend Pagey!', type: 'ping' }
    const parsed = parseWebhook(aWebhook({ event_type: 'pagey.ping', resource_type: 'pagey', data }))
    expect(parsed).toEqual({ ok: true, event: { kind: 'ping', eventId: '5ac64822-4adc-4fda-ade0-410becf0de4f' } })
  })

  it.each([
    ['incident.responder.added', { type: 'incident_responder' }],
    ['incident.status_update_published', { type: 'incident_status_update' }],
    ['incident.role.assigned', 7],
    ['service.updated', null],
    ['something.new', [[['of any shape']]]],
    ['incident.constructor', {}],
    ['incident.', {}],
  ])('ignores %s, whatever it carries', (eventType, data) => {
    expect(parseWebhook(aWebhook({ event_type: eventType, data, occurred_at: 'never' }))).toEqual({
      ok: true,
      event: { kind: 'ignored', eventId: '5ac64822-4adc-4fda-ade0-410becf0de4f', eventType },
    })
  })

  it('finds the incident that took over after a merge', () => {
    const reason = {
      type: 'merge_resolve_reason',
      incident: aReference('PTARGET', 'The other', 'incident_reference'),
    }
    expect(incidentIn({ status: 'resolved', resolve_reason: reason }).mergedInto).toBe('PTARGET')
  })

  it.each([
    ['no number', { number: undefined }, { number: undefined }],
    ['no assignees', { assignees: undefined }, { assignees: [] }],
    [
      'an unreadable assignee among others',
      { assignees: [7, aReference('PA', 'Ada', '')] },
      { assignees: [{ id: 'PA', name: 'Ada' }] },
    ],
    ['an assignee without a name', { assignees: [{ id: 'PA' }] }, { assignees: [{ id: 'PA', name: 'PA' }] }],
    ['a service without a name', { service: { id: 'PF9' } }, { serviceId: 'PF9', serviceName: 'PF9' }],
    ['no incident key', { incident_key: null }, { incidentKey: undefined }],
    ['no escalation policy', { escalation_policy: null }, { escalationPolicyId: undefined }],
    ['an unknown resolve reason', { resolve_reason: { type: 'tired' } }, { mergedInto: undefined }],
    ['a link that runs a script', { html_url: 'javascript:alert(1)' }, { htmlUrl: undefined }],
    ['a link that is none', { html_url: 'acme' }, { htmlUrl: undefined }],
    ['an empty title', { title: ' \n ' }, { title: '(no title)' }],
    ['a title on several lines', { title: 'a\r\n\tb' }, { title: 'a b' }],
    ['a title that draws over the terminal', { title: '\u001b[2Jred' }, { title: '[2Jred' }],
    ['a title that reads backwards', { title: 'safe\u202etxet' }, { title: 'safetxet' }],
    ['half a surrogate pair', { title: 'a\ud83d' }, { title: 'a\ufffd' }],
    ['a time with an offset', { created_at: '2026-04-09T17:16:27+02:00' }, { createdAt: '2026-04-09T15:16:27.000Z' }],
  ])('accepts %s', (_, changes, facts) => {
    expect(incidentIn(changes)).toMatchObject(facts)
  })

  it('cuts an endless title without halving a character', () => {
    const { title } = incidentIn({ title: '😀'.repeat(5000) })
    expect(title.length).toBeLessThanOrEqual(1000)
    expect(title).toMatch(/^(😀)+…$/u)
  })

  it('keeps at most 50 assignees', () => {
    const crowd = Array.from({ length: 500 }, (_, index) =>
      aReference(`P${index}`, `Person ${index}`, 'user_reference'),
    )
    expect(incidentIn({ assignees: crowd }).assignees).toHaveLength(50)
  })

  it.each([
    ['id', { id: '../../users' }],
    ['id', { id: 7 }],
    ['title', { title: undefined }],
    ['status', { status: 'on fire' }],
    ['urgency', { urgency: null }],
    ['service', { service: null }],
    ['service.id', { service: { id: '' } }],
    ['created_at', { created_at: 'yesterday' }],
    ['created_at', { created_at: '2026-02-31T00:00:00Z' }],
    ['type', { type: 'incident_reference' }],
  ])('refuses an incident whose %s is malformed, and says where', (path, changes) => {
    expect(problemIn(aWebhook({ data: aWebhookIncident(changes) }))).toMatch(new RegExp(`^event\\.data\\.${path}: `))
  })

  it.each([
    ['the data is missing', { data: undefined }, /^event\.data: /],
    ['the time is missing', { occurred_at: undefined }, /^event\.occurred_at: /],
    ['the event id is missing', { id: undefined }, /^event\.id: /],
    ['the event id is a sentence', { id: 'a b' }, /^event\.id: /],
    ['the event id is endless', { id: 'a'.repeat(129) }, /^event\.id: /],
    ['the type is empty', { event_type: '\u0000' }, /^event\.event_type: /],
    [
      'a note has no incident',
      { event_type: 'incident.annotated', data: { type: 'incident_note', id: 'P1', content: '' } },
      /^event\.data\.incident: /,
    ],
  ])('refuses it where %s', (_, changes, problem) => {
    expect(problemIn(aWebhook(changes))).toMatch(problem)
  })

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['half of JSON', '{"event":{"id":"a"'],
    ['null', 'null'],
    ['an array', '[]'],
    ['a number', '1e999'],
    ['no event', '{}'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('refuses a body of %s', (_, raw) => {
    expect(problemIn(Buffer.from(raw))).toMatch(/^(body|event)/)
  })

  it('refuses more than PagerDuty would send', () => {
    expect(problemIn(Buffer.alloc(MAX_WEBHOOK_BYTES + 1, ' '))).toContain('larger than')
  })

  it('survives the deepest nesting that fits', () => {
    const depth = 60_000
    const deep = `{"event":{"id":"e1","event_type":"x.y","data":${'['.repeat(depth)}${']'.repeat(depth)}}}`
    expect(parseWebhook(Buffer.from(deep))).toMatchObject({ ok: true, event: { kind: 'ignored' } })
    const known = deep.replace('x.y', 'incident.triggered')
    expect(problemIn(Buffer.from(known))).toMatch(/^event/)
  })

  it('lets no key of the body reach a prototype', () => {
    const raw = JSON.stringify({
      event: { id: 'e1', event_type: 'incident.triggered', occurred_at: '2026-04-09T15:16:27Z' },
    })
    const evil = raw.replace(
      '"id":"e1"',
      '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"id":"e1"',
    )
    const data = JSON.stringify(aWebhookIncident()).replace('{', '{"__proto__":{"status":"resolved","polluted":1},')
    const parsed = parseWebhook(Buffer.from(evil.replace(/\}\}$/, `,"data":${data}}}`)))
    expect(parsed).toMatchObject({ ok: true, event: { incident: { status: 'triggered' } } })
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(JSON.stringify(parsed)).not.toContain('polluted')
  })

  it('never quotes the content in a problem', () => {
    const secret = 'hunter2-hunter2'
    const bodies = [{ id: secret.repeat(20) }, { data: aWebhookIncident({ status: secret }) }, { data: secret }]
    for (const changes of bodies) expect(problemIn(aWebhook(changes))).not.toContain(secret)
  })

  it('never throws and never accepts random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(parseWebhook(Buffer.from(bytes)).ok).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('never throws and never accepts random JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(parseWebhook(Buffer.from(text)).ok).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('gives bounded, printable facts for an incident with any field replaced by anything', () => {
    const fields = Object.keys(aWebhookIncident())
    const change = fc.tuple(
      fc.constantFrom(...fields),
      fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.string({ unit: 'binary', maxLength: 5000 })),
    )
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const parsed = parseWebhook(aWebhook({ data: aWebhookIncident(Object.fromEntries(changes)) }))
        const text = JSON.stringify(parsed)
        expect(parsed.ok ? 0 : parsed.problem.length).toBeLessThanOrEqual(300)
        expect(text.length).toBeLessThan(10_000)
        expect(text).not.toMatch(/[\p{Cc}\u202e]|\\u00[01]|\\ud[89a-f]/u)
      }),
      { numRuns: 3000 },
    )
  })

  it('never throws on a valid body with bytes flipped', () => {
    const original = aWebhook()
    const flip = fc.tuple(fc.nat({ max: original.length - 1 }), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 8 }), (flips) => {
        const raw = Buffer.from(original)
        for (const [at, value] of flips) raw[at] = value
        expect(typeof parseWebhook(raw).ok).toBe('boolean')
      }),
      { numRuns: 2000 },
    )
  })
})
