import { describe, expect, it } from '@jest/globals'
import { boundedLabel } from '../../src/ops/instruments.ts'
import { createMetrics, type Metrics } from '../../src/ops/metrics.ts'

/** The value of one series, undefined where it is not on the page. */
async function figureOf(metrics: Metrics, series: string): Promise<number | undefined> {
  const line = (await metrics.text()).split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

const idle = { jobs: { depth: async () => 3 }, now: () => 0 }

describe('metrics', () => {
  it.each<[string, (metrics: Metrics) => void, string]>([
    ['events', (m) => m.event('pagerduty', 'stored'), 'incbot_events_total{type="pagerduty",result="stored"}'],
    ['lag', (m) => m.lag(3), 'incbot_event_lag_seconds_bucket{le="0.005"}'],
    [
      'checks',
      (m) => m.check('memory-trend', 'unknown', 80),
      'incbot_checks_total{check="memory-trend",verdict="unknown"}',
    ],
    [
      'their duration',
      (m) => m.check('memory-trend', 'clear', 80),
      'incbot_check_duration_seconds_bucket{le="0.1",check="memory-trend"}',
    ],
    [
      'remediations',
      (m) => m.remediation('rolling-restart', 'succeeded'),
      'incbot_remediations_total{kind="rolling-restart",result="succeeded"}',
    ],
    [
      'requests',
      (m) => m.httpRequest('/webhooks/pagerduty', 202, 5),
      'incbot_http_requests_total{route="/webhooks/pagerduty",status="202"}',
    ],
    [
      'questions',
      (m) => m.gateQuestion('inference', 'frozen'),
      'incbot_gate_questions_total{service="inference",result="frozen"}',
    ],
    [
      'calls to Slack',
      (m) => m.slackCall('chat.update', 'rate-limited', 9),
      'incbot_slack_calls_total{method="chat.update",result="rate-limited"}',
    ],
    ['what waits for Slack', (m) => m.slackQueue(1), 'incbot_slack_calls_waiting'],
    [
      'what was posted',
      (m) => m.slackDelivery('card', 'posted'),
      'incbot_slack_deliveries_total{kind="card",result="posted"}',
    ],
    [
      'what Slack asked',
      (m) => m.slackRequest('command', 'forged'),
      'incbot_slack_requests_total{kind="command",result="forged"}',
    ],
    ['sweeps', (m) => m.sweep('ok', 2), 'incbot_pagerduty_sweeps_total{result="ok"}'],
  ])('count %s', async (_, count, series) => {
    const metrics = createMetrics()
    expect(await figureOf(metrics, series)).not.toBe(1)
    count(metrics)
    expect(await figureOf(metrics, series)).toBe(1)
  })

  it('say how much waits, anew with every scrape', async () => {
    const metrics = createMetrics()
    let inbox = 5
    metrics.watch({ ...idle, store: { depth: async () => ({ inbox, due: 7 }) } })
    expect(await figureOf(metrics, 'incbot_inbox_events')).toBe(5)
    inbox = 6
    expect(await figureOf(metrics, 'incbot_inbox_events')).toBe(6)
    expect(await figureOf(metrics, 'incbot_due_items')).toBe(7)
    expect(await figureOf(metrics, 'incbot_jobs_waiting')).toBe(3)
    expect(await figureOf(metrics, 'incbot_store_up')).toBe(1)
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('locked'))],
    ['hangs', () => new Promise<never>(() => undefined)],
  ])('are still told when the store %s, without stale figures', async (_, depth) => {
    const metrics = createMetrics()
    metrics.watch({ ...idle, store: { depth: async () => ({ inbox: 5, due: 7 }) } })
    await metrics.text()
    metrics.watch({ ...idle, store: { depth } })
    expect(await figureOf(metrics, 'incbot_inbox_events')).toBeUndefined()
    expect(await figureOf(metrics, 'incbot_store_up')).toBe(0)
    expect(await figureOf(metrics, 'incbot_jobs_waiting')).toBe(3)
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('closed'))],
    ['hangs', () => new Promise<never>(() => undefined)],
  ])('leave out how much waits for workers when the queue %s, and say the rest', async (_, depth) => {
    const metrics = createMetrics()
    const store = { depth: async () => ({ inbox: 5, due: 7 }) }
    metrics.watch({ ...idle, store })
    await metrics.text()
    metrics.watch({ ...idle, store, jobs: { depth } })
    expect(await figureOf(metrics, 'incbot_jobs_waiting')).toBeUndefined()
    expect(await figureOf(metrics, 'incbot_store_up')).toBe(1)
  })

  it('tell about the process too, and keep apart from those of another', async () => {
    const [one, other] = [createMetrics(), createMetrics()]
    one.sweep('ok', 4)
    expect(await figureOf(one, 'process_resident_memory_bytes')).toBeGreaterThan(1_000_000)
    expect(await figureOf(one, 'incbot_pagerduty_missed_total')).toBe(4)
    expect(await figureOf(other, 'incbot_pagerduty_missed_total')).toBe(0)
  })
})

it('a label from outside has only so many values', () => {
  const label = boundedLabel(2)
  expect(['a', 'b', 'c', 'a', 'd'].map(label)).toEqual(['a', 'b', 'other', 'a', 'other'])
})
