import { expect, it } from '@jest/globals'
import { chainEntries } from '../../../src/store/timeline-chain.ts'
import { judgeDoubledEvents, judgeOrder } from './judge-order.ts'

const webhook = (eventId: string, times: { readonly sentAt: number; readonly acknowledgedAt: number | undefined }) => ({
  eventId,
  eventType: 'incident.any',
  incidentId: 'Q1',
  ...times,
})

/** The timeline of one incident: transition, PagerDuty's id of the event, and when it says that it was. */
function timelineOf(...events: readonly (readonly [transition: string, eventId: string, occurredAt?: string])[]) {
  const entries = events.map(([transition, eventId, occurredAt = `at ${eventId}`]) => ({
    at: 1,
    actor: 'pagerduty',
    type: `pagerduty.${transition}`,
    text: '',
    data: { eventId, occurredAt },
  }))
  return new Map([['Q1', { timeline: chainEntries(undefined, entries) }]])
}

const earlier = webhook('E1', { sentAt: 1_000, acknowledgedAt: 1_050 })
const later = webhook('E2', { sentAt: 1_060, acknowledgedAt: 1_100 })

it('finds what was acknowledged first and stands behind', () => {
  const timelines = timelineOf(['acknowledged', 'E2'], ['triggered', 'E1'])
  expect(judgeOrder(timelines, [earlier, later])).toEqual([
    { about: 'Q1', what: expect.stringContaining('E1 was acknowledged before') },
  ])
})

it.each([
  ['they stand as they came', [earlier, later], ['E1', 'E2']],
  [
    'they were under way at the same time',
    [webhook('E1', { sentAt: 1_000, acknowledgedAt: 1_070 }), later],
    ['E2', 'E1'],
  ],
  ['nobody acknowledged the first', [webhook('E1', { sentAt: 1_000, acknowledgedAt: undefined }), later], ['E2', 'E1']],
] as const)('has nothing to say where %s', (_, webhooks, [first, second]) => {
  const timelines = timelineOf(['triggered', first], ['acknowledged', second])
  expect(judgeOrder(timelines, webhooks)).toEqual([])
})

it('finds one event that stands twice, and one transition that two events tell', () => {
  const second = '2026-01-01T00:00:00'
  expect(judgeDoubledEvents(timelineOf(['resolved', 'E1'], ['resolved', 'E1']))).toHaveLength(1)
  expect(
    judgeDoubledEvents(timelineOf(['resolved', 'E1', `${second}.1Z`], ['resolved', 'E2', `${second}.9Z`])),
  ).toHaveLength(1)
  expect(judgeDoubledEvents(timelineOf(['resolved', 'E1'], ['triggered', 'E2'], ['resolved', 'E3']))).toEqual([])
})
