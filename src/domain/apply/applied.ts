import type { Standing } from '../authorize.ts'
import type { IncidentEvent } from '../event.ts'
import type { Exemption } from '../freeze.ts'
import type { ForeseenBy, Incident } from '../incident.ts'
import type { Service } from '../service.ts'
import type { TimelineEntry } from '../timeline.ts'

/** What applying an event may know beyond the record and the event. */
export interface ApplyContext {
  readonly now: number
  readonly serviceByPagerDutyId: (id: string) => Service | undefined
  readonly serviceByName: (name: string) => Service | undefined
  /** For events that a person caused. */
  readonly standing: Standing
  /** For an incident that is new: the open pre-alert of its service, if there is one. */
  readonly foreseenBy?: ForeseenBy
}

/** Effects to carry out before the record is committed; each may be repeated without harm. */
export type RepeatableEffect =
  | { readonly do: 'forward'; readonly incidentId: string; readonly event: IncidentEvent; readonly key: string }
  | { readonly do: 'lift-freeze'; readonly freezeId: string; readonly by: string }
  | { readonly do: 'extend-freeze'; readonly freezeId: string; readonly until: number }
  | { readonly do: 'exempt-deploy'; readonly freezeId: string; readonly exemption: Exemption }

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
