import { describe, expect, it } from '@jest/globals'
import { checks } from '../../src/checks/index.ts'
import { loadRunbooks } from '../../src/config/load-runbooks.ts'
import { formatProblem } from '../../src/config/problem.ts'

/** A runbook for a problem that incbot has no check of its own for. */
const RUNBOOK = `name: queue
title: The queue grows
checks:
  - check: prometheus-query
    id: queue
    with:
      query: sum(queue_length{$selector})
      what: Queue length
      above: 100
      signal: { group: queue, problem: queue_long, clear: queue_short }
  - check: prometheus-query
    id: rate
    with:
      query: sum(rate(consumed_total{$selector}[5m])) or vector(0)
      what: Consumption
      unit: perSecond
      baseline: 7d
      ratioBelow: 0.5
      signal: { group: consumers, problem: consumers_slow, clear: consumers_usual }
  - check: http-json
    id: worker
    with: { source: worker, path: /status, pointer: /state, what: Worker state, differsFrom: running }
hypotheses:
  - id: slow_consumers
    title: Consumers are slow
    prior: 0.2
    evidence:
      queue: { queue_long: 5, queue_short: 0.1 }
      consumers: { consumers_slow: 10 }
    says: ['{queue.value} wait; {rate.value} are consumed, {rate.ratio} of last week; the worker is {worker.value}.']
`

function problems(piece = '', by = ''): readonly string[] {
  if (!RUNBOOK.includes(piece)) throw new Error(`The runbook has no ${piece}`)
  const text = RUNBOOK.replace(piece, by)
  return loadRunbooks([{ file: 'queue.yaml', text }], { checks, remediations: [] }).problems.map(formatProblem)
}

describe('a runbook that names its own signals', () => {
  it('needs YAML only', () => {
    expect(problems()).toEqual([])
  })

  it.each([
    [
      'queue_long: 5',
      'queue_lnog: 5',
      'queue.yaml:28:16  hypotheses[0].evidence.queue.queue_lnog: the signal "queue" never has the value "queue_lnog" (values: queue_long, queue_short). Did you mean "queue_long"?',
    ],
    [
      'consumers: {',
      'consumer: {',
      'queue.yaml:29:7  hypotheses[0].evidence.consumer: no check of this runbook emits the signal "consumer" (they emit: queue, consumers). Did you mean "consumers"?',
    ],
  ])('is told of %j written as %j', (piece, by, complaint) => {
    expect(problems(piece, by)).toEqual([complaint])
  })

  it.each([
    ['above: 100', 'abvoe: 100'],
    ['baseline: 7d', 'baseline: a week'],
    ['pointer: /state', 'pointer: state'],
    ['      ratioBelow: 0.5\n', ''],
  ])('with %j written as %j is told of that alone, not of the signals that nobody can know then', (piece, by) => {
    const found = problems(piece, by)
    expect(found.length).toBeGreaterThan(0)
    expect(found.filter((one) => one.includes('evidence'))).toEqual([])
  })

  it('is told of PromQL that does not parse', () => {
    expect(problems('sum(queue_length{$selector})', 'sum(queue_length{$selector}')[0]).toContain('PromQL')
  })
})
