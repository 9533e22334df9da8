/**
 * What is sent first when not everything can be, the most pressing first.
 * `person`: what somebody waits for who pressed or asked. `urgent-card`, `card`: the first word about an incident, of high urgency or not.
 * `urgent-edit`: news on an urgent incident's card. `rest`: other edits, details, charts. `progress`: only where there is plenty of room.
 */
export const PRIORITIES = ['person', 'urgent-card', 'card', 'urgent-edit', 'rest', 'progress'] as const

export type Priority = (typeof PRIORITIES)[number]

const RANK = new Map(PRIORITIES.map((priority, rank) => [priority, rank]))

/** Negative where `left` goes first. */
export function comparePriorities(left: Priority, right: Priority): number {
  return (RANK.get(left) ?? 0) - (RANK.get(right) ?? 0)
}

export function moreUrgent(left: Priority, right: Priority): Priority {
  return comparePriorities(left, right) <= 0 ? left : right
}
