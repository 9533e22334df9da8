import type { Incident } from '../domain/incident.ts'
import type { Remediation } from '../domain/remediation.ts'
import type { Priority } from './priority.ts'

/** With what priority a card is posted, and then edited. */
export interface CardPriority {
  readonly post: Priority
  readonly edit: Priority
}

/** After a press or an outcome, for so long somebody looks at the card for what it says about it. */
const LOOKED_AT_MS = 2 * 60_000

/** A storm's cards share what Slack takes: people's answers first, then high urgency. `now` in ms since the epoch. */
export function cardPriority(incident: Incident, now: number): CardPriority {
  const { origin, urgency, remediations } = incident
  if (remediations.some((one) => now - lastMove(one) < LOOKED_AT_MS)) return { post: 'person', edit: 'person' }
  if (origin === 'command') return { post: 'person', edit: 'urgent-edit' }
  return urgency === 'high' ? { post: 'urgent-card', edit: 'urgent-edit' } : { post: 'card', edit: 'rest' }
}

/** When a person, or its end, last changed it. The steps of what is followed are too many to count. */
function lastMove({ approval, endorsements = [], halt, finishedAt, ended }: Remediation): number {
  return Math.max(
    0,
    ...[approval?.at, endorsements.at(-1)?.at, halt?.at, finishedAt, ended?.at].flatMap((at) => at ?? []),
  )
}
