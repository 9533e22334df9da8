import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { rank } from '../../src/analysis/ranking.ts'
import { loadRunbooks } from '../../src/config/load-runbooks.ts'
import { formatProblem } from '../../src/config/problem.ts'
import type { Finding } from '../../src/domain/finding.ts'
import { registries } from './fakes.ts'

const file = 'runbooks/model-serving-memory.yaml'
const { runbooks, problems } = loadRunbooks([{ file, text: readFileSync(file, 'utf8') }], registries)
const hypotheses = runbooks[0]?.hypotheses ?? []

function finding(id: string, signals: Readonly<Record<string, string>>): Finding {
  return {
    ...{ id, check: id, title: id, verdict: 'problem', headline: '', details: [], facts: [], signals, charts: [] },
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
  ...{ cache: 'resident_gt_max', evict: 'evictions_up_rss_not_down', binding: 'container_limit', node: 'roomy' },
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

  it.each(['evict', 'reset', 'deploys', 'binding', 'node'])('is as sure without %s', (group) => {
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
  ])('of %s it thinks of %3$s', (_what, signals, expected) => {
    expect(leader(signals)).toBe(expected)
  })

  it('offers the freeze before the restart, both for the leading cause of the first incident', () => {
    const offered = runbooks[0]?.remediations.filter((one) => one.when.includes('cache_evicts_without_freeing'))
    expect(offered?.map((one) => one.kind)).toEqual(['deploy-freeze', 'rolling-restart'])
  })

  it('recommends what to do first without a number, so that it is said even where nothing could be measured', () => {
    expect(hypotheses.flatMap((one) => one.now).filter((sentence) => sentence.includes('{'))).toEqual([])
  })
})
