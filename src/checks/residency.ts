import type { CacheReport } from './cache-report.ts'
import type { MemoryEvidence } from './memory-evidence.ts'

/** Less than this share above what is expected is what allocators and requests in flight take anyway. */
const UNREST = 0.2
/** And less than so many versions may be one that is being replaced right now. */
const IN_FLIGHT = 2
/** Below this share of its highest level since the start, memory has come back. */
const STAYED = 0.9
/** Versions differ in size; what is far more than all evicted ones together was not left by them. */
const AT_MOST_EVICTED = 1.5

/**
 * `old_versions_resident`: unloading them would help. `unloaded_not_returned`: the cache let go of versions, but the process keeps their
 * memory, so only a restart helps. The other two are as they should be.
 */
type Residency = 'old_versions_resident' | 'unloaded_not_returned' | 'still_filling' | 'within_size'

export interface ResidencyVerdict {
  /** Undefined where memory is well above what the cache explains, or may be, and it cannot be told whether evictions left it. */
  readonly residency: Residency | undefined
  readonly resident: number
  readonly extra: number
  /** Mean size of a version. */
  readonly versionBytes: number | undefined
  readonly memory: ExplainedMemory | undefined
}

interface ExplainedMemory {
  /** After the last start, with the cache empty or nearly so. */
  readonly baseBytes: number
  /** base + resident × size of a version. */
  readonly expectedBytes: number
  readonly levelBytes: number
  /** What is in use beyond that; 0 where it is less. */
  readonly unexplainedBytes: number
}

/** Holds what the cache says it has against its size and against the memory that is in use. */
export function judgeResidency(report: CacheReport, evidence: MemoryEvidence | undefined): ResidencyVerdict {
  const resident = report.resident.length
  const extra = Math.max(0, resident - report.max_size)
  const versionBytes = bytesPerVersion(report, evidence)
  const memory = versionBytes === undefined ? undefined : explained(resident, versionBytes, evidence)
  const facts = { resident, extra, versionBytes, memory }
  if (extra > 0) return { residency: 'old_versions_resident', ...facts }
  const normal = resident < report.max_size ? 'still_filling' : 'within_size'
  if (report.evictions === 0) return { residency: normal, ...facts }
  if (versionBytes === undefined || memory === undefined) return { residency: undefined, ...facts }
  const { unexplainedBytes, expectedBytes } = memory
  if (unexplainedBytes <= Math.max(IN_FLIGHT * versionBytes, UNREST * expectedBytes))
    return { residency: normal, ...facts }
  const evictedBytes = (report.evictions ?? 0) * versionBytes
  const left = stayed(evidence) && unexplainedBytes <= AT_MOST_EVICTED * evictedBytes
  return { residency: left ? 'unloaded_not_returned' : undefined, ...facts }
}

/** As the report says; else what the analysis found each deploy to leave behind. */
function bytesPerVersion({ resident }: CacheReport, evidence: MemoryEvidence | undefined): number | undefined {
  const sizes = resident.flatMap((one) => one.bytes ?? [])
  if (sizes.length > 0) return sizes.reduce((sum, size) => sum + size, 0) / sizes.length
  return evidence?.worst.verdict.bytesPerDeploy
}

/** Known only where the last start was seen: what a process needs without models stands nowhere else. */
function explained(
  resident: number,
  versionBytes: number,
  evidence: MemoryEvidence | undefined,
): ExplainedMemory | undefined {
  const baseBytes = evidence?.worst.verdict.restarts.at(-1)?.afterBytes
  if (evidence === undefined || baseBytes === undefined) return undefined
  const { levelBytes } = evidence.worst.verdict
  const expectedBytes = baseBytes + resident * versionBytes
  return { baseBytes, expectedBytes, levelBytes, unexplainedBytes: Math.max(0, levelBytes - expectedBytes) }
}

function stayed(evidence: MemoryEvidence | undefined): boolean {
  if (evidence === undefined) return false
  const { points, verdict } = evidence.worst
  const since = verdict.restarts.at(-1)?.at ?? Number.NEGATIVE_INFINITY
  const levels = points.flatMap(([at, bytes]) => (at >= since ? [bytes] : []))
  return verdict.levelBytes >= STAYED * Math.max(0, ...levels)
}
