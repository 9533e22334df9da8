import type { Remediation } from '../../domain/remediation.ts'
import { escapeInline, shorten } from './text.ts'

const ON_THE_CARD = 12
const IN_THE_THREAD = 30

/** The pods that an execution has come to so far, the newest last; empty before the first. */
export function podsLine({ progress }: Remediation): readonly string[] {
  const pods = progress?.pods ?? []
  if (pods.length === 0) return []
  const before = pods.length > ON_THE_CARD ? `${pods.length - ON_THE_CARD} before, ` : ''
  return [`${before}${pods.slice(-ON_THE_CARD).map(named).join(', ')}`]
}

/** Each pod on a line of its own. */
export function podsList({ outcome, progress }: Remediation): string {
  const pods = (outcome?.progress ?? progress)?.pods ?? []
  const more = pods.length > IN_THE_THREAD ? [`• and ${pods.length - IN_THE_THREAD} more`] : []
  return [...pods.slice(0, IN_THE_THREAD).map((pod) => `• ${named(pod)}`), ...more].join('\n')
}

function named({ name, state }: { readonly name: string; readonly state: string }): string {
  return `${escapeInline(shorten(name, 100))}: ${escapeInline(shorten(state, 100))}`
}
