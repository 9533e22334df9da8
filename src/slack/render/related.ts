import { formatTime } from '../../domain/finding.ts'
import type { Investigation } from '../../domain/incident.ts'
import { escapeInline, link, shorten } from './text.ts'

/** Other incidents that were open when this one was diagnosed. Empty where there were none. */
export function relatedLine({ related = [] }: Investigation): string {
  if (related.length === 0) return ''
  const each = related.map(
    ({ url, title, service, since }) =>
      `${escapeInline(shorten(service, 60))}: ${link(url, shorten(title, 100))} since ${formatTime(since)}`,
  )
  return `Related: ${each.join(' · ')}`
}
