import { formatTime } from '../../domain/finding.ts'
import type { Incident } from '../../domain/incident.ts'
import { openMembers } from '../../domain/joined.ts'
import { escapeInline, link, shorten } from './text.ts'

const NAMED = 3

/** How many more alerts are part of this incident, a few of them by name, and how many go on. Empty where nothing joined. */
export function joinedLines({ joined, service, alert, pagerduty }: Incident): readonly string[] {
  if (joined === undefined || joined.count === 0) return []
  const { count, first, own } = joined
  const name = service ?? alert?.serviceName ?? pagerduty?.serviceName ?? 'an unknown service'
  const since = Math.min(...first.map((one) => one.since))
  const open = openMembers(joined)
  const state = open === 0 ? 'all of them over' : `${open} ${open === 1 ? 'goes' : 'go'} on`
  const ownOver = own.status === 'resolved' && open > 0 ? '; the first one is over' : ''
  const more = count === 1 ? '1 more alert' : `${count} more alerts`
  return [
    `+ *${more}* of ${escapeInline(shorten(name, 100))} since ${formatTime(since)}, ${state}${ownOver}`,
    `> ${first
      .slice(0, NAMED)
      .map(({ url, title }) => link(url, shorten(title, 120)))
      .join(' · ')}${count > NAMED ? ' …' : ''}`,
  ]
}
