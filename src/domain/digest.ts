import type { Freeze } from './freeze.ts'
import type { Incident } from './incident.ts'
import { currentInvestigation, isAlarm } from './incident.ts'
import type { Remediation } from './remediation.ts'
import type { EffectVerdict } from './verification.ts'

/** Something that was done to a service, and what it did. */
export interface DoneSince {
  readonly service: string
  readonly title: string
  readonly summary: string
  readonly state: Remediation['state']
  readonly finishedAt: number
  /** Slack users who approved it, the first first. */
  readonly by: readonly string[]
  /** The newest measurement; absent where none has ended. */
  readonly verdict?: EffectVerdict
}

/** Restarts of one service that bought less each time. Hours from each to the next. */
export interface ShrinkingRestarts {
  readonly service: string
  readonly boughtHours: readonly number[]
}

/** What whoever takes over must know. Lists have the newest first. Times are ms since the epoch. */
export interface Digest {
  readonly since: number
  readonly at: number
  readonly open: readonly Incident[]
  readonly preAlerts: readonly Incident[]
  /** Watched by a schedule whose last run could not tell what is ahead, and without a pre-alert that would say so. */
  readonly blind: readonly Incident[]
  readonly freezes: readonly Freeze[]
  readonly done: readonly DoneSince[]
  readonly restarts: readonly ShrinkingRestarts[]
  /** Slack users who approved, lifted or asked for something, each once. */
  readonly people: readonly string[]
}

export interface DigestSources {
  readonly since: number
  readonly now: number
  readonly incidents: readonly Incident[]
  readonly freezes: readonly Freeze[]
  /** Whether a kind of fix restarts something. */
  readonly restarts: (kind: string) => boolean
}

const HOUR_MS = 3_600_000
/** Restarts further back than this say nothing about today. */
const RESTARTS_WITHIN_MS = 7 * 24 * HOUR_MS

export function digestOf({ since, now, incidents, freezes, restarts }: DigestSources): Digest {
  const open = incidents.filter(({ status, live }) => live && status !== 'resolved').toSorted(byOpening)
  const done = incidents
    .flatMap((incident) => incident.remediations.flatMap((one) => doneSince(incident, one, since, now)))
    .toSorted((left, right) => right.finishedAt - left.finishedAt)
  return {
    since,
    at: now,
    open: open.filter(isAlarm),
    preAlerts: open.filter(({ preAlert }) => preAlert?.state === 'open'),
    blind: incidents.filter(({ preAlert }) => preAlert?.state === 'watching' && preAlert.unknown !== undefined),
    freezes,
    done,
    restarts: shrinking(incidents, restarts, now),
    people: [...new Set([...done.flatMap(({ by }) => by), ...actedSince(incidents, since)])],
  }
}

/** Nothing that anybody would have to take over. */
export function isEmpty({ open, preAlerts, blind, freezes, done, restarts }: Digest): boolean {
  return [open, preAlerts, blind, freezes, done, restarts].every((list) => list.length === 0)
}

/** In one line, what an incident looks like. */
export function looksLike(incident: Incident): string {
  const { diagnosis, nothing, state } = currentInvestigation(incident) ?? {}
  return diagnosis?.conclusion ?? nothing ?? (state === 'running' ? 'being diagnosed' : 'not diagnosed')
}

function byOpening(left: Incident, right: Incident): number {
  return right.openedAt - left.openedAt
}

/** Carried out, or tried to be: an offer that nobody took is no news. */
function doneSince(incident: Incident, one: Remediation, since: number, now: number): readonly DoneSince[] {
  const { finishedAt, approval, endorsements = [] } = one
  if (approval === undefined || finishedAt === undefined || finishedAt < since || finishedAt > now) return []
  const verdict = incident.investigations.findLast(
    (run) => run.verifies === one.id && run.state === 'finished' && run.verdict !== undefined,
  )?.verdict
  return [
    {
      service: one.plan.target.service,
      title: one.title,
      summary: one.plan.summary,
      state: one.state,
      finishedAt,
      by: [...new Set([...endorsements, approval].map(({ by }) => by))],
      ...(verdict && { verdict }),
    },
  ]
}

/** Who asked for something, or lifted a freeze. */
function actedSince(incidents: readonly Incident[], since: number): readonly string[] {
  return incidents.flatMap(({ requestedBy, openedAt, remediations }) => [
    ...(requestedBy !== undefined && openedAt >= since ? [requestedBy] : []),
    ...remediations.flatMap(({ ended }) =>
      ended !== undefined && ended.by !== 'expiry' && ended.at >= since ? [ended.by] : [],
    ),
  ])
}

/** At least two intervals, each shorter than the one before; how long the last restart will have bought nobody knows yet. */
function shrinking(
  incidents: readonly Incident[],
  restarts: DigestSources['restarts'],
  now: number,
): readonly ShrinkingRestarts[] {
  const starts = new Map<string, number[]>()
  for (const { kind, state, executingSince, plan } of incidents.flatMap(({ remediations }) => remediations)) {
    if (!restarts(kind) || state !== 'succeeded' || executingSince === undefined) continue
    if (executingSince <= now - RESTARTS_WITHIN_MS || executingSince > now) continue
    starts.set(plan.target.service, [...(starts.get(plan.target.service) ?? []), executingSince])
  }
  return [...starts].flatMap(([service, times]) => {
    const sorted = times.toSorted((left, right) => left - right)
    const boughtHours = sorted.slice(1).map((at, index) => (at - (sorted[index] ?? at)) / HOUR_MS)
    const isShrinking = boughtHours.every((hours, index) => index === 0 || hours < (boughtHours[index - 1] ?? 0))
    return boughtHours.length >= 2 && isShrinking ? [{ service, boughtHours }] : []
  })
}
