import { afterEach, describe, expect, it } from '@jest/globals'
import { alertReader } from '../../src/alertmanager/alert-facts.ts'
import { MAX_NOTIFICATION_BYTES } from '../../src/alertmanager/notification.ts'
import { alertmanagerWebhook } from '../../src/alertmanager/webhook-route.ts'
import type { AlertFacts } from '../../src/domain/alert.ts'
import { mainRoutes } from '../../src/http/routes.ts'
import { type Server, startServer } from '../../src/http/server.ts'
import type { Commands } from '../../src/pipeline/commands.ts'
import { type AlertmanagerStandInOptions, alertmanagerStandIn } from '../../src/sandbox/alertmanager/index.ts'
import { NOW } from '../builders.ts'
import { aLog } from '../fakes/log.ts'
import { aNotification } from './builders.ts'

let server: Server | undefined
afterEach(async () => {
  await server?.stop(0)
})

interface IntakeOptions {
  readonly tokens?: readonly string[]
  readonly alerts?: Commands['alerts']
  readonly answerMs?: number
}

async function anIntake({ tokens = ['one', 'two'], alerts, answerMs }: IntakeOptions = {}) {
  const log = aLog()
  const stored: AlertFacts[] = []
  const store: Commands['alerts'] = async (all) => {
    stored.push(...all)
    return { stored: all.length, duplicates: 0, incidents: 1 }
  }
  const rules = { serviceLabel: 'service', severityLabel: 'severity', highSeverities: ['critical'] }
  const alertmanager = alertmanagerWebhook({
    tokens,
    read: alertReader([{ name: 'inference' }], rules),
    commands: { alerts: alerts ?? store },
    now: () => NOW,
    log,
  })
  const gate = async () => ({ status: 200, body: {}, headers: {} })
  const pagerDuty = async () => ({ status: 200, body: { status: '' } })
  const routes = mainRoutes({ pagerDuty, alertmanager, gate }).map((one) => ({ ...one, ...(answerMs && { answerMs }) }))
  server = await startServer({ host: '127.0.0.1', port: 0, routes, log })
  const url = `${server.url}/webhooks/alertmanager`
  const post = async (body: unknown, headers: Record<string, string> = { authorization: 'Bearer one' }) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(url, { method: 'POST', body: text, headers })
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() }
  }
  const sender = (change: Partial<AlertmanagerStandInOptions> = {}) =>
    alertmanagerStandIn({ url, authorization: { bearer: 'two' }, groupBy: ['service'], retryAfterMs: 1, ...change })
  return { url, log, stored, post, sender }
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

describe('a notification of Alertmanager', () => {
  it('is answered once its alerts are stored, which says how many', async () => {
    const { post, stored, log } = await anIntake()
    expect(await post(aNotification())).toMatchObject({
      status: 200,
      body: { status: 'stored', stored: 1, incidents: 1 },
    })
    expect(stored).toMatchObject([
      { service: 'inference', urgency: 'high', at: NOW, title: 'HighMemory: inference-prod-3 holds 31 GB' },
    ])
    const line = log.lines.find(({ message }) => message === 'Alertmanager notification')
    expect(line?.fields).toEqual({
      groupKey: '{}:{service="inference"}',
      alerts: 1,
      stored: 1,
      duplicates: 0,
      incidents: 1,
    })
    expect(JSON.stringify(log.lines)).not.toContain('31 GB')
  })

  it.each([
    ['any of the tokens', 'Bearer two'],
    ['a token as the password', basic('alertmanager:one')],
    ['a password with a colon before it in the name', basic(':one')],
  ])('is let in with %s', async (_what, authorization) => {
    const { post } = await anIntake()
    expect((await post(aNotification(), { authorization })).status).toBe(200)
  })

  it.each([
    ['nothing', {}],
    ['another token', { authorization: 'Bearer three' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['an empty password', { authorization: basic('one:') }],
    ['a token as the user name', { authorization: basic('one:x') }],
    ['no colon', { authorization: basic('one') }],
    ['half a token', { authorization: 'Bearer on' }],
    ['a token and more', { authorization: 'Bearer one two' }],
    ['another scheme', { authorization: 'Digest one' }],
  ])('is refused with %s, and stored by nobody', async (_what, headers) => {
    const { post, stored } = await anIntake()
    expect(await post(aNotification(), headers)).toMatchObject({ status: 401, body: { status: 'refused' } })
    expect(stored).toEqual([])
  })

  it('is refused, to be sent again, where no token is set', async () => {
    for (const tokens of [[], ['']]) {
      const { post, stored } = await anIntake({ tokens })
      const { status } = await post(aNotification(), { authorization: 'Bearer ' })
      expect(tokens.length === 0 ? [503] : [401]).toContain(status)
      expect(stored).toEqual([])
      await server?.stop(0)
    }
  })

  it('is not even read from a stranger', async () => {
    const { url, log } = await anIntake()
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) })
    const request = { method: 'POST', body: endless, duplex: 'half', headers: { authorization: 'Bearer x' } } as const
    const status = await fetch(url, request).then(
      (response) => response.status,
      () => 'cut off',
    )
    expect([401, 'cut off']).toContain(status)
    expect(log.lines.map(({ message }) => message)).toContain('Alertmanager notification refused: its token is wrong')
  })

  it.each([
    ['what is no notification', 'hello', 400, /^body: /],
    ['a field that is wrong', aNotification({}, { status: 'x' }), 400, /^alerts\.0\.status: /],
  ])('is refused with %s', async (_what, body, status, problem) => {
    const { post } = await anIntake()
    expect(await post(body)).toMatchObject({ status, body: { problem: expect.stringMatching(problem) } })
  })

  it('is refused when it is too large', async () => {
    const { post } = await anIntake()
    expect((await post(' '.repeat(MAX_NOTIFICATION_BYTES + 1))).status).toBe(413)
  })

  it('is to be sent again when the store fails, or takes too long', async () => {
    const failing = await anIntake({ alerts: () => Promise.reject(new Error('disk full')) })
    expect(await failing.post(aNotification())).toMatchObject({
      status: 503,
      retryAfter: '5',
      body: { status: 'unavailable' },
    })
    await server?.stop(0)
    const slow = await anIntake({ alerts: () => new Promise(() => {}), answerMs: 20 })
    expect((await slow.post(aNotification())).status).toBe(503)
  })

  it('says in the log that alerts were left out', async () => {
    const { sender, log } = await anIntake()
    const alertmanager = sender({ maxAlerts: 2 })
    for (const pod of ['a', 'b', 'c']) alertmanager.fire({ alertname: 'X', service: 'inference', pod })
    expect(await alertmanager.notify()).toBe(true)
    expect(log.lines.find(({ message }) => message.includes('max_alerts'))?.fields).toMatchObject({
      truncatedAlerts: 1,
    })
  })
})

describe('the stand-in for Alertmanager', () => {
  it('sends one notification for each group, in the form that is accepted', async () => {
    const { sender, stored } = await anIntake()
    const alertmanager = sender({ authorization: { username: 'alertmanager', password: 'one' } })
    for (const pod of ['a', 'b']) alertmanager.fire({ alertname: 'X', service: 'inference', pod })
    alertmanager.fire({ alertname: 'X', service: 'search' })
    expect(await alertmanager.notify()).toBe(true)
    expect(alertmanager.sent).toMatchObject([
      { alerts: 2, status: 200 },
      { alerts: 1, status: 200 },
    ])
    expect(new Set(stored.map(({ fingerprint }) => fingerprint)).size).toBe(3)
    alertmanager.resolve({ alertname: 'X', service: 'search' })
    await alertmanager.notify()
    expect(stored.at(-1)).toMatchObject({ serviceName: 'search', status: 'resolved' })
    await alertmanager.notify()
    expect(alertmanager.sent).toHaveLength(5)
  })

  it('tries again after 5xx, and drops what is refused', async () => {
    let failures = 2
    const { sender } = await anIntake({
      alerts: async (all) => {
        failures -= 1
        if (failures >= 0) throw new Error('busy')
        return { stored: all.length, duplicates: 0, incidents: 1 }
      },
    })
    const alertmanager = sender()
    alertmanager.fire({ alertname: 'X' })
    expect(await alertmanager.notify()).toBe(true)
    expect(alertmanager.sent.map(({ status }) => status)).toEqual([503, 503, 200])
    const stranger = sender({ authorization: { bearer: 'x' } })
    stranger.fire({ alertname: 'X' })
    expect(await stranger.notify()).toBe(false)
    expect(stranger.sent.map(({ status }) => status)).toEqual([401])
  })

  it('takes no alert that Prometheus would not send', () => {
    const alertmanager = alertmanagerStandIn({ url: 'http://127.0.0.1:1', groupBy: [] })
    expect(() => alertmanager.fire({ service: 'x' })).toThrow('alertname')
    expect(() => alertmanager.fire({ alertname: 'X', 'a-b': 'x' })).toThrow('no name of a label')
    expect(() => alertmanager.fire({ alertname: 'X', a: '' })).toThrow('empty')
    expect(() => alertmanager.resolve({ alertname: 'X' })).toThrow('No alert fires')
  })
})
