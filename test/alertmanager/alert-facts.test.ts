import { describe, expect, it } from '@jest/globals'
import { type AlertRules, alertReader } from '../../src/alertmanager/alert-facts.ts'
import { NOW } from '../builders.ts'

const RULES: AlertRules = { serviceLabel: 'service', severityLabel: 'severity', highSeverities: ['critical', 'page'] }
const SERVICES = [
  { name: 'platform', alerts: [{ namespace: 'ml' }] },
  { name: 'inference', alerts: [{ namespace: 'ml', app: 'inference' }, { team: 'ml' }] },
  { name: 'checkout' },
]

function read(labels: Record<string, string>, annotations: Record<string, string> = {}, rules = RULES) {
  const alert = {
    status: 'firing',
    labels,
    annotations,
    startsAt: NOW,
    generatorURL: undefined,
    fingerprint: 'f1',
  } as const
  return alertReader(SERVICES, rules)(alert, NOW + 5)
}

describe('an alert is about', () => {
  it.each([
    ['the service that its label names', { service: 'checkout' }, 'checkout'],
    ['the service that claims its labels', { namespace: 'ml' }, 'platform'],
    ['the one that claims the most', { app: 'inference', namespace: 'ml' }, 'inference'],
    ['the one that claims any one set', { team: 'ml' }, 'inference'],
    ['the one that claims it, whatever its label names', { team: 'ml', service: 'checkout' }, 'inference'],
    ['none that is not in the catalogue', { service: 'search' }, undefined],
    ['none without labels', {}, undefined],
    ['none that only inherits a name', { service: 'toString' }, undefined],
  ])('%s', (_what, labels, service) => {
    expect(read(labels).service).toBe(service)
  })

  it('what it says itself, for people, where the catalogue does not know it', () => {
    expect(read({ service: 'search', job: 'j' }).serviceName).toBe('search')
    expect(read({ job: 'j', alertname: 'A' }).serviceName).toBe('j')
    expect(read({}).serviceName).toBe('unknown')
  })
})

it.each([
  [{ severity: 'critical' }, 'high'],
  [{ severity: 'page' }, 'high'],
  [{ severity: 'warning' }, 'low'],
  [{}, 'high'],
])('%p is of %s urgency', (labels, urgency) => {
  expect(read(labels).urgency).toBe(urgency)
})

it('other labels may be told to name the service and the severity', () => {
  const rules = { serviceLabel: 'app', severityLabel: 'level', highSeverities: ['1'] }
  expect(read({ app: 'checkout', level: '2', severity: 'critical' }, {}, rules)).toMatchObject({
    service: 'checkout',
    urgency: 'low',
  })
})

it.each([
  [{ alertname: 'HighMemory' }, { summary: 'web-1 holds 31 GB' }, 'HighMemory: web-1 holds 31 GB'],
  [{ alertname: 'HighMemory' }, { description: 'long' }, 'HighMemory: long'],
  [{ alertname: 'HighMemory' }, { summary: 'HighMemory on web-1' }, 'HighMemory on web-1'],
  [{ alertname: 'HighMemory' }, {}, 'HighMemory'],
  [{}, {}, 'Alert'],
])('the title of %p with %p', (labels, annotations, title) => {
  expect(read(labels, annotations).title).toBe(title)
})

it('a label wins over an annotation of the same name', () => {
  expect(read({ a: 'label' }, { a: 'annotation', b: 'b' }).details).toEqual({ a: 'label', b: 'b' })
})
