import type { Standing } from '../authorize.ts'
import type { IncidentEvent } from '../event.ts'
import type { Incident } from '../incident.ts'
import type { Service } from '../service.ts'
import type { TimelineEntry } from '../timeline.ts'

/** What applying an event may know beyond the record and the event. */
export interface ApplyContext {
  readonly now: number
  readonly serviceByPagerDutyId: (id: string) => Service | undefined
  readonly serviceByName: (name: string) => Service | undefined
  /** For events that a person caused. */
  readonly standing: Standing
}

/** Effects to carry out before the record is committed; each may be repeated without harm. */
export type RepeatableEffect =
  | { readonly do: 'forward'; readonly incidentId: string; readonly event: IncidentEvent; readonly key: string }
  | { readonly do: 'lift-freeze'; readonly freezeId: string; readonly by: string }

/** The incident after an event, what happened in words, and what must be done before it counts. */
export interface Applied {
  readonly incident: Incident
  readonly timeline: readonly TimelineEntry[]
  readonly effects: readonly RepeatableEffect[]
}

export function unchanged(incident: Incident): Applied {
  return { incident, timeline: [], effects: [] }
}

export function changed(incident: Incident, ...timeline: readonly TimelineEntry[]): Applied {
  return { incident, timeline, effects: [] }
}
