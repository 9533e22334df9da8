import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { createPagerDutyClient } from '../../src/pagerduty/client.ts'
import { pagerDutyDirectory } from '../../src/pagerduty/directory.ts'
import type { PagerDutyStandIn } from '../../src/sandbox/pagerduty/index.ts'
import { aLog } from '../fakes/log.ts'
import { aStandIn, BOT, SERVICE, TOKEN } from '../sandbox/pagerduty/receiver.ts'

const { signal } = new AbortController()
let pagerduty: PagerDutyStandIn
beforeEach(async () => {
  pagerduty = await aStandIn()
})
afterEach(() => pagerduty.stop())

function aDirectory() {
  const log = aLog()
  const client = createPagerDutyClient({ token: TOKEN, from: BOT.email, baseUrl: pagerduty.url, timeoutMs: 200 })
  return { log, directory: pagerDutyDirectory({ client, log }) }
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
  const directory = pagerDutyDirectory({ client: undefined, log: aLog() })
  expect(await directory.alertLabels('Q1', signal)).toBe('unknown')
})
