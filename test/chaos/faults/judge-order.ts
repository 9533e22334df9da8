import type { RecordedTimelineEntry } from '../../../src/domain/timeline.ts'
import type { Remembered } from '../evidence.ts'
import type { Violation } from '../findings.ts'
import type { SeenWebhook } from '../webhook-relay.ts'

/** By PagerDuty's id of the incident. */
type Timelines = ReadonlyMap<string, Pick<Remembered, 'timeline'>>
type Sent = Pick<SeenWebhook, 'eventId' | 'eventType' | 'incidentId' | 'sentAt' | 'acknowledgedAt'>

/**
 * Whoever acknowledged one webhook before the next of the same incident set out has them in this order in the timeline. What the sweep of
 * PagerDuty's REST brought first stands there under its own name, and is judged elsewhere.
 */
export function judgeOrder(timelines: Timelines, webhooks: readonly Sent[]): readonly Violation[] {
  return [...timelines].flatMap(([id, { timeline }]) => {
    const places = new Map(
      timeline.flatMap((entry) => {
        const eventId = textOf(entry, 'eventId')
        return eventId === undefined ? [] : [[eventId, entry.sequence] as const]
      }),
    )
    const mine = webhooks.filter(({ incidentId, eventId }) => incidentId === id && places.has(eventId))
    return mine.flatMap((earlier) =>
      mine
        .filter(
          (later) =>
            earlier.acknowledgedAt !== undefined &&
            later.sentAt !== undefined &&
            earlier.acknowledgedAt < later.sentAt &&
            (places.get(earlier.eventId) ?? 0) > (places.get(later.eventId) ?? 0),
        )
        .map((later) => ({
          about: id,
          what: `${earlier.eventType} ${earlier.eventId} was acknowledged before ${later.eventType} ${later.eventId} was sent, and stands behind it`,
        })),
    )
  })
}

/** Each event stands in the timeline once. */
export function judgeDoubledEvents(timelines: Timelines): readonly Violation[] {
  return [...timelines].flatMap(([id, { timeline }]) => {
    const seen = new Set<string>()
    return timeline.flatMap((entry) => {
      const [eventId, occurredAt] = [textOf(entry, 'eventId'), textOf(entry, 'occurredAt')]
      if (!entry.type.startsWith('pagerduty.') || eventId === undefined) return []
      const key = `${entry.type} ${eventId}`
      const moment = `${entry.type} ${occurredAt?.slice(0, 19)}`
      const twice = seen.has(key) || seen.has(moment)
      seen.add(key).add(moment)
      return twice ? [{ about: id, what: `${key} of ${moment} stands twice in its timeline` }] : []
    })
  })
}

function textOf({ data }: RecordedTimelineEntry, field: string): string | undefined {
  const value = data?.[field]
  return typeof value === 'string' ? value : undefined
}
