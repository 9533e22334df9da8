import { formatHours, formatTime } from '../../domain/finding.ts'
import type { Incident } from '../../domain/incident.ts'
import type { Escalation, Foreseen, PreAlert } from '../../domain/pre-alert.ts'
import { formatLocal } from '../../domain/schedule/local-time.ts'
import { formatBytes, formatMoment } from '../../domain/units.ts'
import type { View } from '../../pipeline/ports.ts'
import { type Content, content } from './message.ts'
import { escapeInline, sentence, shorten } from './text.ts'

const HOUR_MS = 3_600_000

/** What a pre-alert warns of, or that it is over, and how sure that is. Empty for everything else. */
export function preAlertLines({ incident, service }: Pick<View, 'incident' | 'service'>): readonly string[] {
  const { preAlert } = incident
  if (preAlert === undefined) return []
  const { state, foreseen, unknown, clearRuns, closedAt } = preAlert
  if (state === 'closed')
    return [
      `:white_check_mark: *Over*: ${clearRuns} runs in a row foresaw no limit before people are back. Closed ${formatTime(closedAt ?? incident.statusAt)}.`,
    ]
  return [
    ...(foreseen === undefined ? [] : [warning(incident, foreseen, preAlert, service?.units ?? 'binary')]),
    ...(clearRuns > 0
      ? [
          ':large_green_circle: The last run no longer foresees that. If the next one does not either, this closes itself.',
        ]
      : []),
    ...(unknown === undefined ? [] : [doubt(unknown, foreseen)]),
  ]
}

/** That it came nearer or grew, as a post of its own. */
export function renderEscalation(view: Pick<View, 'incident' | 'service'>, one: Escalation): Content {
  const { incident, service } = view
  if (incident.preAlert === undefined) return content([])
  const line = warning(incident, one.foreseen, incident.preAlert, service?.units ?? 'binary')
  return content([`:rotating_light: ${sentence(one.because)} ${line}`])
}

/** That it is over, in the thread: an edit of the card rings nobody's bell. */
export function renderClosed(view: Pick<View, 'incident' | 'service'>): Content {
  return content([...preAlertLines(view)])
}

/** On the card of PagerDuty's incident: that it was seen coming. */
export function foreseenLine({ foreseenBy, openedAt }: Incident): string {
  if (foreseenBy === undefined) return ''
  const limit =
    foreseenBy.at === undefined ? '' : `; the limit was foreseen for ${formatMoment(foreseenBy.at, openedAt)}`
  return `:alarm_clock: Foreseen: when this began, a pre-alert of the service had been open since ${formatMoment(foreseenBy.openedAt, openedAt)}${limit}. What was measured is in its thread in the service's channel.`
}

/** "inference will run out of memory Sat 12:10 (in 9 h), before Mon 09:00". The card is edited after each run, so that "in" is true enough. */
function warning(
  { service = 'The service' }: Incident,
  foreseen: Foreseen,
  { workBeginsAt, isWorkTime, timeZone = 'UTC' }: PreAlert,
  units: Parameters<typeof formatBytes>[1],
): string {
  const when = (at: number): string => formatLocal(at, timeZone, foreseen.asOf)
  const name = escapeInline(shorten(service, 100))
  const limit = `${when(foreseen.at)} (in ${formatHours((foreseen.at - foreseen.asOf) / HOUR_MS)})`
  const begins = workBeginsAt === undefined ? undefined : when(workBeginsAt)
  const who = escapeInline(shorten(foreseen.replica ?? 'it', 100))
  const growth = foreseen.growthBytesPerHour
  return [
    `:alarm_clock: *${headline(name, limit, begins, foreseen, { workBeginsAt, isWorkTime })}*`,
    ...(growth === undefined ? [] : [`; ${who} grows by ${formatBytes(growth, units)}/h`]),
    `. With 80 % certainty between ${when(foreseen.earliestAt)} and ${when(foreseen.latestAt)}`,
    `; times are those of ${escapeInline(timeZone)}. As of ${formatTime(foreseen.asOf)}.`,
  ].join('')
}

function headline(
  name: string,
  limit: string,
  begins: string | undefined,
  { at, earliestAt }: Foreseen,
  { workBeginsAt, isWorkTime }: { readonly workBeginsAt: number | undefined; readonly isWorkTime: boolean | undefined },
): string {
  const out = `run out of memory ${limit}`
  if (begins === undefined || workBeginsAt === undefined) return `${name} will ${out}`
  if (at < workBeginsAt)
    return `${name} will ${out}, ${isWorkTime === true ? 'while people are at work' : `before ${begins}`}`
  if (earliestAt >= workBeginsAt) return `${name} will ${out}, after people are back ${begins}`
  return `${name} may run out of memory before ${begins}, most likely ${limit}`
}

function doubt({ since, why }: NonNullable<PreAlert['unknown']>, foreseen: Foreseen | undefined): string {
  const rest = foreseen === undefined ? '' : ` The figures here are as of ${formatTime(foreseen.asOf)}.`
  return `:grey_question: Unknown since ${formatTime(since)}: ${sentence(why)} That closes nothing.${rest}`
}
