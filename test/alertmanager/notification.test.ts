import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { MAX_NOTIFICATION_BYTES, parseNotification } from '../../src/alertmanager/notification.ts'
import { aNotification } from './builders.ts'

const parse = (body: unknown) => parseNotification(Buffer.from(JSON.stringify(body)))

describe('a notification of Alertmanager', () => {
  it('is read as its documentation has it', () => {
    expect(parse(aNotification({ truncatedAlerts: 3 }))).toEqual({
      ok: true,
      notification: {
        groupKey: '{}:{service="inference"}',
        truncatedAlerts: 3,
        version: '4',
        alerts: [
          {
            status: 'firing',
            labels: { alertname: 'HighMemory', service: 'inference', severity: 'critical', pod: 'inference-prod-3' },
            annotations: { summary: 'inference-prod-3 holds 31 GB' },
            startsAt: Date.parse('2026-03-15T03:42:00.123Z'),
            generatorURL: 'http://prometheus.example:9090/graph?g0.expr=x',
            fingerprint: '1a30ba71cca2921f',
          },
        ],
      },
    })
  })

  it('is read with fields that nobody knows, and without those that may be missing', () => {
    const { truncatedAlerts: _count, ...older } = aNotification({ newField: [[[]]] }, { values: {}, generatorURL: 7 })
    expect(parse(older)).toMatchObject({
      ok: true,
      notification: { truncatedAlerts: 0, alerts: [{ status: 'firing' }] },
    })
  })

  it('gives an alert without a fingerprint one of its labels, whatever their order', () => {
    const print = (labels: object) => {
      const parsed = parse(aNotification({}, { labels, fingerprint: undefined }))
      return parsed.ok ? parsed.notification.alerts[0]?.fingerprint : parsed.problem
    }
    expect(print({ a: '1', b: '2' })).toMatch(/^[0-9a-f]{16}$/)
    expect(print({ a: '1', b: '2' })).toBe(print({ b: '2', a: '1' }))
    expect(print({ a: '1', b: '2' })).not.toBe(print({ a: '12', b: '' }))
  })

  it.each([
    ['an older version', { version: '3' }, {}, 'version: expected version 4 of Alertmanager’s webhook'],
    ['no alerts', { alerts: [] }, {}, 'alerts: expected at least one alert'],
    [
      'a length in place of alerts',
      { alerts: { length: { toString: 0 } } },
      {},
      'alerts: Invalid input: expected array',
    ],
    ['alerts that are none', { alerts: 'all' }, {}, 'alerts: Invalid input: expected array, received string'],
    ['a status that does not exist', {}, { status: 'suppressed' }, 'alerts.0.status: Invalid option'],
    ['a label that is no text', {}, { labels: { a: { b: 1 } } }, 'alerts.0.labels.a: Invalid input: expected string'],
    ['no labels', {}, { labels: undefined }, 'alerts.0.labels: Invalid input: expected record'],
    ['a time that is none', {}, { startsAt: 'yesterday' }, 'alerts.0.startsAt: Invalid ISO datetime'],
    ['a day that does not exist', {}, { startsAt: '2026-02-31T00:00:00Z' }, 'alerts.0.startsAt: '],
    ['a fingerprint that leads elsewhere', {}, { fingerprint: '../x' }, 'alerts.0.fingerprint: expected a fingerprint'],
  ])('is refused with %s, by the name of the field', (_what, change, alert, problem) => {
    const parsed = parse(aNotification(change, alert))
    expect(parsed.ok ? 'accepted' : parsed.problem).toContain(problem)
  })

  it.each([
    ['no JSON', Buffer.from('hello')],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['nothing', Buffer.alloc(0)],
    ['deeper than anybody needs', Buffer.from('['.repeat(1_000_000) + ']'.repeat(1_000_000))],
    ['larger than a notification is', Buffer.alloc(MAX_NOTIFICATION_BYTES + 1, 0x20)],
  ])('is refused when it is %s', (_what, body) => {
    expect(parseNotification(body).ok).toBe(false)
  })

  it('bounds what is kept of labels and annotations', () => {
    const labels = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`label_${index}`, 'x'.repeat(5_000)]))
    const parsed = parse(aNotification({}, { labels, annotations: { summary: 'a\u0000b\u202ec\nd' } }))
    const [alert] = parsed.ok ? parsed.notification.alerts : []
    expect(JSON.stringify(alert?.labels).length).toBeLessThan(64 * 620)
    expect(alert?.annotations).toEqual({ summary: 'abc d' })
  })

  it('never throws and never repeats what was sent, whatever it is', () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), (json, text) => {
        for (const body of [json, text, `{"version":"4","groupKey":${json},"alerts":[${json}]}`]) {
          const parsed = parseNotification(Buffer.from(body))
          expect(parsed.ok ? 'fine: read' : parsed.problem).toMatch(/^[\w.]+: /)
        }
      }),
    )
  })
})
