import { cacheResidency } from './cache-residency.ts'
import { capacity } from './capacity.ts'
import type { Check } from './check.ts'
import { deployCount } from './deploy-count.ts'
import { httpJson } from './http-json.ts'
import { latency } from './latency.ts'
import { memoryTrend } from './memory-trend.ts'
import { nodeAllocatable } from './node-allocatable.ts'
import { oomKills } from './oom-kills.ts'
import { prometheusQuery } from './prometheus-query.ts'
import { traffic } from './traffic.ts'

/** Every check that a runbook may name. */
export const checks: readonly Check[] = [
  memoryTrend,
  deployCount,
  cacheResidency,
  nodeAllocatable,
  oomKills,
  traffic,
  capacity,
  latency,
  prometheusQuery,
  httpJson,
]
