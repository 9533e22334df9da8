import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { PagerDutyOnCall } from '../../src/pagerduty/answers.ts'
import { createPagerDutyClient } from '../../src/pagerduty/client.ts'
import { pagerDutyDirectory } from '../../src/pagerduty/directory.ts'
import type { PagerDutyStandIn } from '../../src/sandbox/pagerduty/index.ts'
import { aLog } from '../fakes/log.ts'
import { ADA, aStandIn, BOT, SERVICE, TOKEN } from '../sandbox/pagerduty/receiver.ts'

const POLICY = SERVICE.escalationPolicyId
const { signal } = new AbortController()
let pagerduty: PagerDutyStandIn
let now = 0
beforeEach(async () => {
  now = 0
  pagerduty = await aStandIn()
})
afterEach(() => pagerduty.stop())

function aDirectory() {
  const log = aLog()
  const client = createPagerDutyClient({ token: TOKEN, from: BOT.email, baseUrl: pagerduty.url, timeoutMs: 200 })
  return { log, directory: pagerDutyDirectory({ client, log, now: () => now }) }
}
const alert = (details: Record<string, unknown>) =>
  pagerduty.trigger({ serviceId: SERVICE.id, title: 'Memory', details })

it('details and labels of an alert are one set, in which a label counts more', async () => {
  const { id } = alert({ team: 'ml', pod: 'from details', labels: { pod: 'a', severity: 'page' } })
  expect(await aDirectory().directory.alertLabels(id, signal)).toEqual({ team: 'ml', pod: 'a', severity: 'page' })
})

it('of two alerts the later one counts', async () => {
  const first = alert({ labels: { pod: 'a', zone: 'x' } })
  const second = alert({ labels: { pod: 'b' } })
  pagerduty.merge(first.id, second.id)
  expect(await aDirectory().directory.alertLabels(second.id, signal)).toEqual({ pod: 'a', zone: 'x' })
})

it('an incident without alerts has no labels, which is not the same as not knowing', async () => {
  const [one, two] = [alert({}), alert({})]
  pagerduty.merge(one.id, two.id)
  expect(await aDirectory().directory.alertLabels(one.id, signal)).toEqual({})
})

it('nothing is known when PagerDuty does not say, and the log says why', async () => {
  const { directory, log } = aDirectory()
  pagerduty.failNext({}, 'hang')
  expect(await directory.alertLabels(alert({}).id, signal)).toBe('unknown')
  expect(log.messages('warn')).toEqual(['PagerDuty did not tell the labels of an incident'])
})

it('nothing is known without an API token', async () => {
  const directory = pagerDutyDirectory({ client: undefined, log: aLog(), now: () => now })
  expect(await directory.alertLabels('Q1', signal)).toBe('unknown')
  expect(await directory.onCall(POLICY, signal)).toBe('unknown')
})

describe('who is on call', () => {
  const eve = { id: 'PEVE', name: 'Eve', email: 'Eve@Example.com' }
  const ada = ADA.email.toLowerCase()

  it('is everybody whom PagerDuty has on call for the policy, each once, in small letters', async () => {
    const { directory } = aDirectory()
    expect(await directory.onCall(POLICY, signal)).toEqual([])
    now += 30_000
    pagerduty.setOnCall(POLICY, [eve, ADA])
    pagerduty.addOnCall(POLICY, ADA, 3)
    pagerduty.setOnCall('PELSE', [BOT])
    expect(await directory.onCall(POLICY, signal)).toEqual(['eve@example.com', ada])
  })

  it('is believed for half a minute, so that a shift that ended does not count for long', async () => {
    const { directory } = aDirectory()
    pagerduty.setOnCall(POLICY, [ADA])
    expect(await directory.onCall(POLICY, signal)).toEqual([ada])
    pagerduty.setOnCall(POLICY, [eve])
    now += 29_999
    expect(await directory.onCall(POLICY, signal)).toEqual([ada])
    now += 1
    expect(await directory.onCall(POLICY, signal)).toEqual(['eve@example.com'])
    expect(pagerduty.requests.filter(({ path }) => path === '/oncalls')).toHaveLength(2)
  })

  it('is unknown when PagerDuty does not say, and the log says why', async () => {
    const { directory, log } = aDirectory()
    pagerduty.failNext({ path: /oncalls/ }, 'hang')
    expect(await directory.onCall(POLICY, signal)).toBe('unknown')
    expect(await directory.onCall('../users', signal)).toBe('unknown')
    expect(log.messages('warn')).toEqual([
      'PagerDuty did not tell who is on call',
      'PagerDuty did not tell who is on call',
    ])
  })

  const listed = (email: string | undefined): PagerDutyOnCall => ({ userId: 'PADA', name: 'Ada', email, level: 1 })
  it.each<readonly [string, PagerDutyOnCall, () => Promise<string | undefined>, readonly string[] | 'unknown']>([
    ['is asked for where it is missing', listed(undefined), async () => 'ADA@example.com', ['ada@example.com']],
    ['counts for nothing where PagerDuty shows none', listed(undefined), async () => undefined, []],
    [
      'that cannot be asked for makes all of it unknown',
      listed(undefined),
      () => Promise.reject(new Error('down')),
      'unknown',
    ],
    [
      'is not asked for where it is there',
      listed('ada@example.com'),
      () => Promise.reject(new Error('asked')),
      ['ada@example.com'],
    ],
  ])('by an address which %s', async (_how, person, userEmail, expected) => {
    const client = { alerts: async () => [], onCalls: async () => [person], userEmail }
    const directory = pagerDutyDirectory({ client, log: aLog(), now: () => now })
    expect(await directory.onCall(POLICY, signal)).toEqual(expected)
  })
})
