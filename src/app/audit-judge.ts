import type { RecordedTimelineEntry } from '../domain/timeline.ts'
import { type ChainEnd, isNext } from '../store/timeline-chain.ts'

/** An entry of an export: a recorded one with the incident that it belongs to. */
export interface AuditEntry extends RecordedTimelineEntry {
  readonly incidentId: string
}

/** The end that a timeline had once, as a note in PagerDuty tells it: at least the beginning of the hash. */
export interface AuditHead {
  readonly incidentId: string
  readonly sequence: number
  readonly hash: string
}

/** How an incident's timeline was found. */
export interface AuditedIncident {
  readonly incidentId: string
  /** Entries that follow each other as they were recorded. */
  readonly entries: number
  readonly end?: ChainEnd
  /** The first entry that is changed, missing or out of place, and the line where that showed. */
  readonly broken?: { readonly sequence: number; readonly line: number }
}

export interface AuditJudge {
  /** `line` counts from 1. */
  take(entry: AuditEntry, line: number): void
  /** In the order in which the incidents came. */
  incidents(): readonly AuditedIncident[]
  /** Those that are not in the chain of their incident: its end was cut off or rewritten, or all of it is gone. */
  missingHeads(): readonly AuditHead[]
}

/**
 * Judges entries as they come, and keeps of each incident only where its chain is. What an incident's first broken entry is followed by is not judged:
 * nothing of it is certain any more.
 */
export function createAuditJudge(heads: readonly AuditHead[]): AuditJudge {
  const found = new Map<string, AuditedIncident>()
  const missing = new Set(heads)
  return {
    take({ incidentId, ...entry }, line) {
      const before = found.get(incidentId) ?? { incidentId, entries: 0 }
      if (before.broken !== undefined) return
      if (!isNext(before.end, entry)) {
        found.set(incidentId, { ...before, broken: { sequence: before.entries + 1, line } })
        return
      }
      const { sequence, hash } = entry
      found.set(incidentId, { incidentId, entries: before.entries + 1, end: { sequence, hash } })
      for (const head of missing) {
        const is = head.incidentId === incidentId && head.sequence === sequence && hash.startsWith(head.hash)
        if (is) missing.delete(head)
      }
    },
    incidents: () => [...found.values()],
    missingHeads: () => heads.filter((head) => missing.has(head)),
  }
}
