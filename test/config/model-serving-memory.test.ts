import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { diagnose } from '../../src/analysis/diagnose.ts'
import { rank } from '../../src/analysis/ranking.ts'
import { checks } from '../../src/checks/index.ts'
import { loadRunbooks } from '../../src/config/load-runbooks.ts'
import { formatProblem } from '../../src/config/problem.ts'
import type { Fact, Finding } from '../../src/domain/finding.ts'
import { remediationKinds } from '../../src/remediations/index.ts'
import { NO_ALERT } from '../builders.ts'

const file = 'runbooks/model-serving-memory.yaml'
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

/** What the four checks find, by signal. */
function confidences(signals: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(rank(hypotheses, [finding('all', signals)]).map((one) => [one.id, one.confidence]))
}

function leader(signals: Readonly<Record<string, string>>): string | undefined {
  return rank(hypotheses, [finding('all', signals)])[0]?.id
}

const FIRST_INCIDENT = {
  ...{ growth: 'deploy_step', level: 'above_95', reset: 'no_restart_seen', deploys: 'many' },
  ...{ cache: 'resident_gt_max', evict: 'evictions_up_rss_not_down', residency: 'old_versions_resident' },
  ...{ binding: 'container_limit', node: 'roomy' },
}

/** The cache let go of what it evicted, the process did not. */
const NOT_RETURNED = {
  ...FIRST_INCIDENT,
  ...{ cache: 'resident_le_max', residency: 'unloaded_not_returned', reset: 'restart_frees_then_regrows' },
}

describe('the runbook model-serving-memory', () => {
  it('has no problem', () => {
    expect(problems.map(formatProblem)).toEqual([])
  })

  it('explains the first incident by the cache and rules out everything else', () => {
    const { cache_evicts_without_freeing, ...others } = confidences(FIRST_INCIDENT)
    expect(cache_evicts_without_freeing).toBeGreaterThanOrEqual(0.9)
    expect(Object.values(others).filter((confidence) => confidence > 0.1)).toEqual([])
  })

  it.each(['evict', 'residency', 'reset', 'deploys', 'binding', 'node'])('is as sure without %s', (group) => {
    const { [group as keyof typeof FIRST_INCIDENT]: _, ...rest } = FIRST_INCIDENT
    expect(confidences(rest).cache_evicts_without_freeing).toBeGreaterThanOrEqual(0.9)
  })

  it.each([
    [
      'growth with the clock',
      { ...FIRST_INCIDENT, growth: 'time_trend', cache: 'resident_le_max', evict: 'no_evictions', deploys: 'few' },
      'memory_leak_time',
    ],
    [
      'growth with deploys and a cache within bounds',
      { ...FIRST_INCIDENT, cache: 'resident_le_max', evict: 'evictions_free_memory' },
      'deploy_leaves_memory',
    ],
    [
      'growth with requests',
      {
        growth: 'with_requests',
        cache: 'resident_le_max',
        level: 'above_80',
        node: 'roomy',
        binding: 'container_limit',
      },
      'traffic_growth',
    ],
    [
      'a cache that fills after a start',
      { growth: 'warm_up', cache: 'still_filling', evict: 'no_evictions', node: 'roomy', binding: 'container_limit' },
      'still_filling_cache',
    ],
    [
      'a node without room',
      { growth: 'flat', level: 'above_80', node: 'pressed', binding: 'node_allocatable', cache: 'resident_le_max' },
      'node_memory_pressure',
    ],
    [
      'a level use near the limit',
      { growth: 'flat', level: 'above_95', node: 'roomy', binding: 'container_limit', cache: 'resident_le_max' },
      'limit_too_small',
    ],
    ['memory of unloaded versions that stays', NOT_RETURNED, 'unloaded_memory_not_returned'],
    [
      'memory of unloaded versions that stays, close to the limit, after the deploys have ended',
      { ...NOT_RETURNED, growth: 'flat', deploys: 'none' },
      'unloaded_memory_not_returned',
    ],
    [
      'growth with deploys while the cache explains its memory',
      { ...NOT_RETURNED, residency: 'within_size' },
      'deploy_leaves_memory',
    ],
  ])('of %s it thinks of %3$s', (_what, signals, expected) => {
    expect(leader(signals)).toBe(expected)
  })

  it('is sure enough of memory that was not returned to offer a restart, and does not mistake it for old versions', () => {
    const { unloaded_memory_not_returned, cache_evicts_without_freeing } = confidences(NOT_RETURNED)
    expect(unloaded_memory_not_returned).toBeGreaterThanOrEqual(0.9)
    expect(cache_evicts_without_freeing).toBeLessThan(0.5)
    const offered = runbooks[0]?.remediations.filter((one) => one.when.includes('unloaded_memory_not_returned'))
    expect(offered?.map((one) => one.kind)).toEqual(['rolling-restart'])
  })

  it('says the growth, the cost of a deploy, the cache and the time left, and what was ruled out', () => {
    const { leading, says, ruledOut, now } = diagnose(onlyRunbook(), firstIncident(), 'decimal', NO_ALERT)
    expect(leading?.title).toBe('Old model versions are not freed after eviction')
    expect(says).toEqual([
      'inference-prod-3 holds 31.2 GB of 32 GB (97.5 %) and grows by 6.33 GB/h.',
      '800 MB left: 8 min at this rate. Deploys that still fit: 1.',
      '47 deploys since its last start, 498 MB per deploy: 23.4 GB kept.',
      'The model cache is set to 10 and holds 47: 37 versions too many, about 18.5 GB. Up to 6 versions of one model are in memory at once.',
      '37 evictions reported, but the memory of what was evicted did not come back.',
    ])
    expect(new Set(ruledOut)).toEqual(
      new Set([
        'traffic (growth does not follow requests)',
        'a cache still filling (set to 10, holds 47)',
        'a steady leak (growth does not follow the clock)',
        'the node (12 GB are left on node-3)',
      ]),
    )
    expect(now[0]).toMatch(/^Freeze model deploys/)
    expect(now[1]).toMatch(/^Then restart/)
  })

  it('still says what it knows when the metrics gave no forecast', () => {
    const findings = firstIncident().map((one) => ({
      ...one,
      facts: one.facts.filter(({ id }) => id !== 'timeToLimit'),
    }))
    expect(diagnose(onlyRunbook(), findings, 'decimal', NO_ALERT).says[0]).toMatch(
      /^inference-prod-3 holds 31.2 GB of 32 GB/,
    )
  })

  it('offers the freeze before the restart, both for the leading cause of the first incident', () => {
    const offered = runbooks[0]?.remediations.filter((one) => one.when.includes('cache_evicts_without_freeing'))
    expect(offered?.map((one) => one.kind)).toEqual(['deploy-freeze', 'rolling-restart'])
  })

  it('recommends what to do first without a number, so that it is said even where nothing could be measured', () => {
    expect(hypotheses.flatMap((one) => one.now).filter((sentence) => sentence.includes('{'))).toEqual([])
  })
})

function onlyRunbook() {
  const [runbook] = runbooks
  if (runbook === undefined) throw new Error('The runbook did not load.')
  return runbook
}

/** The numbers of the incident, as the checks state them. */
function firstIncident(): Finding[] {
  const fact = (unit: Fact['unit'], facts: Readonly<Record<string, number | string>>): Fact[] =>
    Object.entries(facts).map(([id, value]) => ({ id, label: id, value, unit }))
  const { growth, level, reset, deploys, cache, evict, binding, node } = FIRST_INCIDENT
  return [
    finding('memory-trend', { growth, level, reset }, [
      ...fact('bytes', { level: 31.2e9, limit: 32e9, headroom: 0.8e9 }),
      ...fact('bytesPerHour', { growthPerHour: 6.33e9 }),
      ...fact('bytesPerDeploy', { perDeploy: 498e6 }),
      ...fact('hours', { timeToLimit: 8 / 60 }),
      ...fact('count', { deploysLeft: 1 }),
      ...fact('share', { share: 0.975 }),
      ...fact('text', { replica: 'inference-prod-3' }),
    ]),
    finding('deploy-count', { deploys }, [
      ...fact('count', { deploys: 47, sinceRestart: 47 }),
      ...fact('hours', { span: 3.7 }),
      ...fact('perHour', { perHour: 12.7 }),
      ...fact('bytes', { retained: 47 * 498e6 }),
    ]),
    finding('cache-residency', { cache, evict }, [
      ...fact('count', { configured: 10, resident: 47, extra: 37, evictions: 37, versionsOfOne: 6 }),
      ...fact('bytes', { extraBytes: 18.5e9 }),
    ]),
    finding('node-allocatable', { binding, node }, [
      ...fact('bytes', { headroom: 12e9 }),
      ...fact('text', { node: 'node-3' }),
    ]),
  ]
}
