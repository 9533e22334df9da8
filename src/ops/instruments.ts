import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const FAST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const SLOW_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** A label's values from outside are bounded: what comes after the first `limit` different ones is `other`. */
export function boundedLabel(limit: number): (value: string) => string {
  const seen = new Set<string>()
  return (value) => {
    if (seen.size < limit) seen.add(value)
    return seen.has(value) ? value : 'other'
  }
}

/** Every metric by its name, registered in `register`. Times are seconds, as Prometheus wants them. */
export function createInstruments(register: Registry) {
  const registers = [register]
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name: `incbot_${name}`, help, labelNames, registers })
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name: `incbot_${name}`, help, labelNames, registers })
  const seconds = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: readonly number[],
  ) => new Histogram({ name: `incbot_${name}_seconds`, help, labelNames, buckets: [...buckets], registers })

  return {
    events: counter('events_total', 'Events stored, recognised as duplicates, and applied', ['type', 'result']),
    lag: seconds('event_lag', 'From an event being stored to being applied', [], FAST_SECONDS),
    checks: counter('checks_total', 'Checks that ran', ['check', 'verdict']),
    checkSeconds: seconds('check_duration', 'How long checks took', ['check'], SLOW_SECONDS),
    remediations: counter('remediations_total', 'Remediations by what became of them', ['kind', 'result']),
    httpRequests: counter('http_requests_total', 'Requests on both ports', ['route', 'status']),
    httpSeconds: seconds('http_request_duration', 'From a request to the end of its answer', ['route'], FAST_SECONDS),
    gateQuestions: counter('gate_questions_total', 'What pipelines were told by the gate', ['service', 'result']),
    slackCalls: counter('slack_calls_total', 'Calls to Slack; result="rate-limited" is a 429', ['method', 'result']),
    slackSeconds: seconds('slack_call_duration', 'How long calls to Slack took', ['method'], SLOW_SECONDS),
    slackWaiting: gauge('slack_calls_waiting', 'Calls to Slack that wait for their turn'),
    slackDeliveries: counter('slack_deliveries_total', 'What became of things to post', ['kind', 'result']),
    slackRequests: counter('slack_requests_total', 'Commands, clicks and events from Slack', ['kind', 'result']),
    sweeps: counter('pagerduty_sweeps_total', 'Times PagerDuty was asked for missed incidents', ['result']),
    missed: counter('pagerduty_missed_total', 'Transitions that no webhook had told'),
    sourceQuestions: counter('source_questions_total', 'Questions to data sources by what became of them', [
      'source',
      'result',
    ]),
    sourceLeftAlone: gauge('source_left_alone', '1 while a data source is not asked because it did not answer', [
      'source',
    ]),
    jobs: gauge('jobs_waiting', 'Wake-ups waiting or running, of all replicas that share them'),
    inbox: gauge('inbox_events', 'Stored events that are not applied yet'),
    due: gauge('due_items', 'Records that are due and not settled'),
    storeUp: gauge('store_up', '1 while the store answers'),
    slackMethod: boundedLabel(100),
  }
}
