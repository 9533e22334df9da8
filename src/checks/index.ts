import { cacheResidency } from './cache-residency.ts'
import type { Check } from './check.ts'
import { deployCount } from './deploy-count.ts'
import { memoryTrend } from './memory-trend.ts'
import { nodeAllocatable } from './node-allocatable.ts'

/** Every check that a runbook may name. */
export const checks: readonly Check[] = [memoryTrend, deployCount, cacheResidency, nodeAllocatable]
