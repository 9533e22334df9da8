import type { Incident } from '../incident.ts'
import type { Member } from '../joined.ts'
import { nobodyJoined, withMember } from '../joined.ts'
import type { TimelineEntry } from '../timeline.ts'
import type { Applied } from './applied.ts'
import { changed, unchanged } from './applied.ts'
import { startInvestigation } from './investigation.ts'
import { higher, ownStatus, withJoined } from './lifecycle.ts'

/** What a source tells of something that has joined an incident. */
export interface MemberNews {
  readonly member: Member
  /** That it is there, told for the first time or again; otherwise that it changed. */
  readonly isNew: boolean
  readonly urgency: 'high' | 'low'
  /** Facts of a PagerDuty incident, for an incident that has none: notes are written there, and it says who is on call. */
  readonly pagerduty?: Incident['pagerduty']
}

/**
 * An incident after news of one that has joined it. It is not diagnosed again for that: the checks would ask the same. It is where
 * it had been over, and where it became urgent only now.
 */
export function applyMember(before: Incident, news: MemberNews, entry: TimelineEntry, now: number): Applied {
  const { member, isNew } = news
  const joinedBefore = before.joined ?? nobodyJoined(ownStatus(before))
  const joined = withMember(joinedBefore, member, isNew)
  if (joined === joinedBefore) return unchanged(before)
  const urgency = higher(before.urgency, member.status === 'resolved' ? undefined : news.urgency)
  const pagerduty = before.pagerduty ?? news.pagerduty
  const incident = withJoined(
    { ...before, ...(urgency && { urgency }), ...(pagerduty && { pagerduty }) },
    joined,
    member.statusAt,
    now,
  )
  const text =
    joined.count > joinedBefore.count ? `“${member.title}” joined: ${entry.text}` : `“${member.title}”: ${entry.text}`
  const reason = whyInvestigated(before, incident)
  const next = reason === undefined ? incident : startInvestigation(incident, reason, now)
  return changed(next, { ...entry, text, data: { ...entry.data, member: member.id } })
}

function whyInvestigated(before: Incident, after: Incident): 'reopened' | 'more-urgent' | undefined {
  if (after.status === 'resolved') return undefined
  if (before.status === 'resolved') return 'reopened'
  const diagnosing = after.investigations.some(({ state, reason }) => state === 'running' && reason !== 'verification')
  return before.urgency === 'low' && after.urgency === 'high' && !diagnosing ? 'more-urgent' : undefined
}
