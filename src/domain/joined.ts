import type { IncidentStatus, OwnStatus } from './status.ts'

/** One that came soon after an incident, was about the same, and so became part of it: an incident of PagerDuty's, or an alert. */
export interface Member {
  /** The id that it would have had as an incident of its own. */
  readonly id: string
  readonly title: string
  readonly status: IncidentStatus
  /** When its source made the status so; older news do not undo it. */
  readonly statusAt: number
  /** When it began, ms since the epoch. */
  readonly since: number
  readonly url?: string
}

/** What joined an incident. A storm may bring thousands, and this stays small: all are counted, and a few are kept for people to read. */
export interface Joined {
  /** Of the incident itself, which may be over before what joined it. */
  readonly own: OwnStatus
  readonly count: number
  /** Ids of those that go on, the oldest first, at most `MOST_TRACKED`. */
  readonly open: readonly string[]
  /** How many more go on. */
  readonly openBeyond: number
  readonly first: readonly Member[]
  /** Of those behind `first`, the newest. */
  readonly last: readonly Member[]
}

const MOST_TRACKED = 200
const KEPT_FIRST = 3
const KEPT_LAST = 5

export function nobodyJoined(own: OwnStatus): Joined {
  return { own, count: 0, open: [], openBeyond: 0, first: [], last: [] }
}

/** How many of those that joined go on. */
export function openMembers({ open, openBeyond }: Joined): number {
  return open.length + openBeyond
}

/**
 * The same with what is known of one member now. `isNew` says that its source tells of it for the first time. What was told before
 * changes nothing, unless more than `MOST_TRACKED` go on: those beyond are counted, not known.
 */
export function withMember(joined: Joined, member: Member, isNew: boolean): Joined {
  const tracked = joined.open.includes(member.id)
  if (tracked && isNew) return joined
  const kept = [...joined.first, ...joined.last].find(({ id }) => id === member.id)
  if (kept !== undefined && member.statusAt < kept.statusAt) return joined
  const counted = member.status === 'resolved' ? ended(joined, member.id) : begun(joined, member.id)
  if (kept === undefined) return isNew ? withNewest({ ...counted, count: counted.count + 1 }, member) : counted
  const replaced = (one: Member): Member => (one.id === member.id ? { ...one, ...member } : one)
  return { ...counted, first: counted.first.map(replaced), last: counted.last.map(replaced) }
}

function begun(joined: Joined, id: string): Joined {
  if (joined.open.includes(id)) return joined
  return joined.open.length < MOST_TRACKED
    ? { ...joined, open: [...joined.open, id] }
    : { ...joined, openBeyond: joined.openBeyond + 1 }
}

function ended(joined: Joined, id: string): Joined {
  if (joined.open.includes(id)) return { ...joined, open: joined.open.filter((one) => one !== id) }
  return { ...joined, openBeyond: Math.max(0, joined.openBeyond - 1) }
}

function withNewest(joined: Joined, member: Member): Joined {
  return joined.first.length < KEPT_FIRST
    ? { ...joined, first: [...joined.first, member] }
    : { ...joined, last: [...joined.last, member].slice(-KEPT_LAST) }
}
