import { describe, expect, it } from '@jest/globals'
import { capacity } from '../../src/checks/capacity.ts'
import { NOW } from '../builders.ts'
import { HOUR_MS } from './a-context.ts'
import { runCheck, written } from './run-check.ts'
import { aManagedEndpoint, MINUTE_MS, ONSET, surgeMetrics } from './the-surge.ts'

const FLEET = { up: 'nodes_up{$selector}', needed: 'nodes_needed{$selector}' }
const ALL = {
  ...{
    ...FLEET,
    minimum: 'nodes_minimum{$selector}',
    maximum: 'nodes_maximum{$selector}',
    errors: 'errors{$selector}',
  },
  ...{ cpu: 'cpu_percent{$selector}', cpuTarget: 400, kills: 'restarts_total{$selector}' },
}

describe('capacity', () => {
  it('of the second incident comes to the four conclusions, with its figures', async () => {
    const body = await runCheck(capacity, aManagedEndpoint(), ALL)
    expect(body).toMatchObject({
      verdict: 'problem',
      severity: 'critical',
      signals: {
        capacity: 'capacity_gap_gt_20pct',
        replicas: 'up_lt_half_needed',
        scaler: 'cpu_at_kill_below_target',
        spiral: 'spiral',
      },
    })
    expect(written(body)).toMatchObject({
      ...{ up: '6', upLow: '5', upHigh: '7', needed: '21', upShare: '28.6 %', minimum: '6', maximum: '80' },
      ...{ perReplica: '4,170/s', planned: '1,190/s', overload: '3.5×', rps: '25,000/s', errorShare: '99 %' },
      ...{ safePerReplica: '1,200/s', escapeReplicas: '27', shedTo: '7,200/s', cpuAtKill: '350 %', cpuTarget: '400 %' },
    })
    expect(body.headline).toBe(
      '5–7 of 21 needed replicas are up (24–33 %); each is offered 4,170/s against 1,190/s planned (3.5×)',
    )
    expect(body.details).toEqual([
      'Short since 02:42 UTC.',
      'What is offered to a replica that comes up kills it, so the fleet cannot grow out of this: at 3,570/s each it fails already.',
      '1,200/s per replica was carried without errors before.',
      'Way out: bring up 27 replicas out of rotation, then shift traffic to them gradually; or shed to 7,200/s, which 6 can carry.',
      'Replicas were killed at 350 % of a core, below the 400 % at which the autoscaler adds some: something other than CPU binds first, and it does not watch that.',
      'The autoscaler keeps between 6 and 80 replicas.',
    ])
  })

  it('draws the two lines that part', async () => {
    const { charts } = await runCheck(capacity, aManagedEndpoint(), FLEET)
    expect(charts[0]).toMatchObject({
      subtitle: '5–7 up of 21 needed, short since 02:42 UTC; 25,000/s requested, 3.5× the plan each',
      unit: 'count',
    })
    expect(charts[0]?.altText).toMatch(
      / Each replica is offered 4,170\/s, planned 1,190\/s\. Requests in that time: between 12,000\/s and 25,000\/s\.$/,
    )
    expect(charts[0]?.lines.map((line) => line.name)).toEqual(['up', 'needed'])
    expect(charts[0]?.from).toBe(NOW - 4 * HOUR_MS)
  })

  it('says what it can where only the replicas are measured', async () => {
    const metrics = surgeMetrics({ requests: undefined, errors: undefined, cpu_percent: undefined })
    const body = await runCheck(capacity, aManagedEndpoint(metrics), ALL)
    expect(body.signals).toEqual({ capacity: 'capacity_gap_gt_20pct', replicas: 'up_lt_half_needed' })
    expect(body.headline).toBe('5–7 of 21 needed replicas are up (24–33 %)')
    expect(body.charts[0]?.subtitle).toBe('5–7 up of 21 needed, short since 02:42 UTC')
    expect(body.charts[0]?.altText).toMatch(/that are needed\.$/)
  })

  it.each([
    [21, 'clear', 'capacity_ok', 'up_ge_half_needed'],
    [17, 'clear', 'capacity_ok', 'up_ge_half_needed'],
    [16, 'problem', 'capacity_gap_gt_20pct', 'up_ge_half_needed'],
    [11, 'problem', 'capacity_gap_gt_20pct', 'up_ge_half_needed'],
    [10, 'problem', 'capacity_gap_gt_20pct', 'up_lt_half_needed'],
  ])('with %d of 21 up is %s', async (up, verdict, gap, replicas) => {
    const metrics = surgeMetrics({ nodes_up: () => up, nodes_needed: () => 21 })
    const body = await runCheck(capacity, aManagedEndpoint(metrics), FLEET)
    expect(body).toMatchObject({ verdict, signals: { capacity: gap, replicas } })
  })

  it('does not call it a spiral while requests are served', async () => {
    const metrics = surgeMetrics({ errors: (at) => (at < ONSET ? 0 : 10) })
    const body = await runCheck(capacity, aManagedEndpoint(metrics), ALL)
    expect(body.signals).toMatchObject({ capacity: 'capacity_gap_gt_20pct', spiral: 'no_spiral' })
  })

  it('does not call it a spiral where replicas are merely slow to come up, and none is killed', async () => {
    const body = await runCheck(capacity, aManagedEndpoint(surgeMetrics({ restarts_total: () => 2 })), ALL)
    expect(body.signals).toMatchObject({ capacity: 'capacity_gap_gt_20pct', spiral: 'no_spiral' })
  })

  it('finds kills at the autoscaler’s target, too', async () => {
    const body = await runCheck(capacity, aManagedEndpoint(), { ...ALL, cpuTarget: 340 })
    expect(body.signals).toMatchObject({ scaler: 'cpu_at_kill_reaches_target' })
  })

  it('takes a replica that stops reporting for killed where nothing counts kills', async () => {
    const until = NOW - 30 * MINUTE_MS
    const metrics = surgeMetrics({
      cpu_percent: (at) => (at > until ? undefined : 100 + (250 * (at - ONSET)) / (until - ONSET)),
    })
    const body = await runCheck(capacity, aManagedEndpoint(metrics), { ...FLEET, cpu: ALL.cpu })
    expect(written(body)).toMatchObject({ cpuAtKill: '350 %' })
  })

  it('says nothing of CPU at kills where nobody was killed', async () => {
    const body = await runCheck(capacity, aManagedEndpoint(surgeMetrics({ restarts_total: () => 2 })), ALL)
    expect(body.signals).not.toHaveProperty('scaler')
    expect(written(body)).not.toHaveProperty('cpuAtKill')
  })

  it('counts targets that are up in PromQL, and knows of none that are not', async () => {
    const up = 'count(nodes_minimum{$selector} == 0) or vector(0)'
    const body = await runCheck(capacity, aManagedEndpoint(), { ...FLEET, up })
    expect(body.headline).toBe('0 of 21 needed replicas are up (0 %), so all 25,000/s requests fail')
  })

  it.each([
    ['never measured', { nodes_needed: undefined }],
    [
      'not measured for a quarter of an hour',
      { nodes_up: (at: number) => (at > NOW - 15 * MINUTE_MS ? undefined : 6) },
    ],
  ])('is unknown where it is %s', async (_what, change) => {
    await expect(runCheck(capacity, aManagedEndpoint(surgeMetrics(change)), FLEET)).rejects.toMatchObject({
      kind: 'missing',
    })
  })
})
