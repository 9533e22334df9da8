import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { diagnose } from '../../src/analysis/diagnose.ts'
import { rank } from '../../src/analysis/ranking.ts'
import { checks } from '../../src/checks/index.ts'
import { loadRunbooks } from '../../src/config/load-runbooks.ts'
import { formatProblem } from '../../src/config/problem.ts'
import type { Fact, Finding } from '../../src/domain/finding.ts'
import type { Runbook } from '../../src/domain/runbook.ts'
import { remediationKinds } from '../../src/remediations/index.ts'
import { NO_ALERT } from '../builders.ts'

const file = 'runbooks/traffic-surge.yaml'
const { runbooks, problems } = loadRunbooks([{ file, text: readFileSync(file, 'utf8') }], {
  checks,
  remediations: remediationKinds,
})
const hypotheses = runbooks[0]?.hypotheses ?? []

function finding(id: string, signals: Readonly<Record<string, string>>, facts: readonly Fact[] = []): Finding {
  return {
    ...{ id, check: id, title: id, verdict: 'problem', headline: '', details: [], facts, signals, charts: [] },
    ...{ asked: [], tookMs: 0 },
  }
}

function confidences(signals: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(rank(hypotheses, [finding('all', signals)]).map((one) => [one.id, one.confidence]))
}

const SECOND_INCIDENT = {
  ...{ kill: 'killed_within_5pct_of_allocatable', loop: 'crash_loop', growth: 'flat', before: 'steady_before' },
  ...{ capacity: 'capacity_gap_gt_20pct', replicas: 'up_lt_half_needed', scaler: 'cpu_at_kill_below_target' },
  ...{ hyst: 'same_rps_now_fails', surge: 'rps_up_50pct', latency: 'p99_up_with_memory' },
  ...{ rollout: 'no_recent_rollout' },
}
type Group = keyof typeof SECOND_INCIDENT

describe('the runbook traffic-surge', () => {
  it('has no problem', () => {
    expect(problems.map(formatProblem)).toEqual([])
  })

  it('explains the second incident by the memory ceiling and rules out everything else', () => {
    const { memory_ceiling_death_spiral, memory_leak, under_capacity, ...others } = confidences(SECOND_INCIDENT)
    expect(memory_ceiling_death_spiral).toBe(0.97)
    expect(under_capacity).toBeLessThanOrEqual(0.2)
    expect(memory_leak).toBeLessThanOrEqual(0.05)
    expect(Object.values(others).filter((confidence) => confidence > 0.1)).toEqual([])
  })

  it.each(Object.keys(SECOND_INCIDENT) as Group[])('is as sure without %s', (group) => {
    const { [group]: _, ...rest } = SECOND_INCIDENT
    expect(confidences(rest).memory_ceiling_death_spiral).toBeGreaterThanOrEqual(0.9)
  })

  const calm = { kill: 'none', before: 'steady_before', rollout: 'no_recent_rollout', replicas: 'up_ge_half_needed' }
  it.each<[string, string, Readonly<Record<string, string>>]>([
    [
      'a load that failed before as well, and CPU that reaches the target',
      'under_capacity',
      {
        ...SECOND_INCIDENT,
        ...{ kill: 'none', hyst: 'same_rps_failed_before', scaler: 'cpu_at_kill_reaches_target' },
        replicas: 'up_ge_half_needed',
      },
    ],
    [
      'kills at the container limit after memory rose for a day',
      'memory_leak',
      {
        ...{ kill: 'at_container_limit', growth: 'time_trend', before: 'grew_before', surge: 'rps_flat_or_down' },
        ...{ capacity: 'capacity_ok', replicas: 'up_ge_half_needed', rollout: 'no_recent_rollout' },
      },
    ],
    [
      'failures after a rollout, under usual traffic',
      'bad_deploy',
      {
        ...calm,
        ...{ rollout: 'recent_rollout', surge: 'rps_flat_or_down', hyst: 'same_rps_now_fails' },
        capacity: 'capacity_gap_gt_20pct',
      },
    ],
    [
      'failures with enough replicas, under usual traffic',
      'dependency_down',
      { ...calm, surge: 'rps_flat_or_down', hyst: 'same_rps_now_fails', capacity: 'capacity_ok' },
    ],
    [
      'a fleet that came back: enough replicas, no failures',
      'carries_traffic',
      {
        ...SECOND_INCIDENT,
        ...{ capacity: 'capacity_ok', replicas: 'up_ge_half_needed', hyst: 'same_rps_still_fine' },
        latency: 'p99_normal',
      },
    ],
  ])('of %s it thinks of %s', (_what, expected, signals) => {
    expect(rank(hypotheses, [finding('all', signals)])[0]?.id).toBe(expected)
  })

  it('says the numbers of the incident as it was told, most important first', () => {
    const { leading, says, ruledOut, now, fix } = diagnose(onlyRunbook(), secondIncident(), 'binary', NO_ALERT)
    expect(leading?.title).toBe('Nodes die at the memory ceiling faster than they start')
    expect(says).toEqual([
      '5–7 of 21 needed replicas are up (28.6 %). Each is offered 4,170/s against 1,190/s planned (3.5×). 100 % of all requests fail.',
      'A node has 7 GiB, of which pods get 5.3 GiB. Replicas are killed at 5.3 GiB (150/h). Before, they held a steady 3 GiB, so this is no slow leak.',
      'They are killed at 350 % CPU, though 400 % was harmless before: memory binds first, and the autoscaler, which waits for 400 %, does not watch it.',
      '25,000/s was fine before (0 % errors) and fails now, since 06:00 UTC: it will not recover by itself.',
      'What set it off: 25,000/s, 2.08× what came at this time last week.',
    ])
    expect(ruledOut).toEqual([
      'mere lack of capacity (25,000/s was fine before)',
      'a dependency (replicas die of their memory)',
      'a bad deploy (the last was 9 days ago)',
      'a leak (steady 3 GiB before)',
    ])
    expect(now).toEqual([
      'Keep the fallback on.',
      'Bring up 27 replicas out of rotation (or half as many of twice the size), then shift traffic to them gradually; else shed to 7,140/s. A restart does not help: what comes back is killed one by one.',
    ])
    expect(fix.slice(0, 3)).toEqual([
      'Raise the minimum above 6.',
      'Scale on memory, or at 35 % of a node’s CPU at most.',
      'Alert at 80 % of allocatable (4.24 GiB).',
    ])
  })

  it('fits a card: with title, headline, what is unlikely, advice and footer at most twelve lines', () => {
    for (const { says } of hypotheses) expect(says.length + 6).toBeLessThanOrEqual(12)
  })

  it('recommends something without a number under every hypothesis, so that it is said even where little could be measured', () => {
    for (const { now } of hypotheses) expect(now.some((sentence) => !sentence.includes('{'))).toBe(true)
  })
})

function onlyRunbook(): Runbook {
  const [runbook] = runbooks
  if (runbook === undefined) throw new Error('The runbook did not load.')
  return runbook
}

/** The incident as its narrative tells it, in the checks' facts. */
function secondIncident(): readonly Finding[] {
  const fact = (unit: Fact['unit'], facts: Readonly<Record<string, number | string>>): Fact[] =>
    Object.entries(facts).map(([id, value]) => ({ id, label: id, value, unit }))
  const { kill, loop, growth, before, capacity, replicas, scaler, hyst, surge, latency, rollout } = SECOND_INCIDENT
  const gib = 2 ** 30
  return [
    finding('capacity', { capacity, replicas, scaler }, [
      ...fact('count', { up: 6, upLow: 5, upHigh: 7, needed: 21, escapeReplicas: 27, minimum: 6, maximum: 80 }),
      ...fact('perSecond', { perReplica: 25_000 / 6, planned: 1_190, shedTo: 6 * 1_190 }),
      ...fact('share', { upShare: 6 / 21, cpuAtKill: 3.5, cpuTarget: 4 }),
      ...fact('factor', { overload: 3.5 }),
    ]),
    finding('oom-kills', { kill, loop }, [
      ...fact('bytes', { levelAtKill: 5.3 * gib }),
      ...fact('perHour', { perHour: 150 }),
    ]),
    finding('traffic', { hyst, surge }, [
      ...fact('perSecond', { rps: 25_000, sameLoad: 25_000 }),
      ...fact('share', { errorShare: 1, errorShareSameLoadBefore: 0 }),
      ...fact('factor', { factor: 25 / 12 }),
      ...fact('time', { onset: Date.UTC(2023, 9, 5, 6) }),
    ]),
    finding('node-allocatable', {}, fact('bytes', { capacity: 7 * gib, allocatable: 5.3 * gib })),
    finding('memory-trend', { growth }),
    finding('latency', { latency }),
    finding('memory-before', { before }, fact('bytes', { value: 3 * gib })),
    finding('cpu-before', {}, fact('share', { value: 4 })),
    finding('rollout', { rollout }, fact('hours', { value: 216 })),
    finding('alert-level', {}, fact('bytes', { value: 0.8 * 5.3 * gib })),
    finding('cpu-at-ceiling', {}, fact('share', { value: 0.35 })),
  ]
}
