import { type Digest, type DoneSince, isEmpty, looksLike, type ShrinkingRestarts } from '../../domain/digest.ts'
import { formatHours } from '../../domain/finding.ts'
import type { Freeze } from '../../domain/freeze.ts'
import type { Incident } from '../../domain/incident.ts'
import { formatLocal } from '../../domain/schedule/local-time.ts'
import { type Content, content } from './message.ts'
import { escapeInline, link, mention, sentence, shorten } from './text.ts'

/** Of each list; the others are counted. */
const SHOWN = 8
const SHOWN_PEOPLE = 12

/** The hand-off digest. `timeZone` is where those who read it are. */
export function renderDigest(digest: Digest, timeZone: string): Content {
  const since = `since ${formatLocal(digest.since, timeZone, digest.at)}`
  const footer = `times are those of ${escapeInline(timeZone)} · \`/inc status\` says what is so now`
  if (isEmpty(digest)) return content([`:zzz: *Hand-off*: all quiet ${since}. Nothing is open, nothing is frozen.`])
  const when = (at: number): string => formatLocal(at, timeZone, digest.at)
  return content(
    [
      `:clipboard: *Hand-off*, ${since}${acted(digest.people)}`,
      list(
        'Open incidents',
        digest.open.map((one) => incidentLine(one, when)),
      ),
      list(
        'Pre-alerts',
        digest.preAlerts.map((one) => preAlertLine(one, when)),
      ),
      list(
        'Watched without an answer',
        digest.blind.map((one) => blindLine(one, when)),
      ),
      list(
        'Freezes that hold',
        digest.freezes.map((one) => freezeLine(one, when)),
      ),
      list(
        'What was done',
        digest.done.map((one) => doneLine(one, when)),
      ),
      list('Restarts that bought less each time', digest.restarts.map(restartLine)),
    ],
    [],
    footer,
  )
}

function list(heading: string, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  const more = lines.length > SHOWN ? [`and ${lines.length - SHOWN} more`] : []
  return [`*${heading}*`, ...[...lines.slice(0, SHOWN), ...more].map((line) => `• ${line}`)].join('\n')
}

function acted(people: readonly string[]): string {
  if (people.length === 0) return ''
  const more = people.length > SHOWN_PEOPLE ? ` and ${people.length - SHOWN_PEOPLE} more` : ''
  return ` · acted: ${people.slice(0, SHOWN_PEOPLE).map(mention).join(', ')}${more}`
}

type When = (at: number) => string

function incidentLine(incident: Incident, when: When): string {
  const title = link(incident.pagerduty?.url, shorten(incident.title, 120))
  const service = incident.service ?? incident.pagerduty?.serviceName ?? 'unknown service'
  const looks = sentence(shorten(looksLike(incident), 200))
  return `${escapeInline(shorten(service, 60))}: ${title}, ${incident.status} since ${when(incident.openedAt)}: ${looks}`
}

function preAlertLine({ service = '', openedAt, preAlert }: Incident, when: When): string {
  const foreseen = preAlert?.foreseen
  const limit = foreseen === undefined ? '' : `: memory reaches its limit ${when(foreseen.at)}`
  const doubt = preAlert?.unknown === undefined ? '' : `, and cannot be looked at since ${when(preAlert.unknown.since)}`
  return `${escapeInline(service)}, since ${when(openedAt)}${limit}${doubt}`
}

function blindLine({ service = '', preAlert }: Incident, when: When): string {
  const { since, why } = preAlert?.unknown ?? { since: 0, why: '' }
  return `${escapeInline(service)}, since ${when(since)}: ${sentence(shorten(why, 200))} Nothing would be foreseen.`
}

function freezeLine({ service, scope, by, reason, until }: Freeze, when: When): string {
  return `${escapeInline(service)} (${scope}) until ${when(until)}, by ${mention(by)}: ${sentence(shorten(reason, 160))}`
}

function doneLine({ service, summary, state, finishedAt, by, verdict }: DoneSince, when: When): string {
  const measured =
    verdict === undefined ? 'not measured' : `*${verdict.verdict}*: ${sentence(shorten(verdict.text, 160))}`
  const what = sentence(shorten(summary, 160))
  return `${when(finishedAt)} ${escapeInline(service)}: ${what}: ${state}, by ${by.map(mention).join(' and ')} · ${measured}`
}

function restartLine({ service, boughtHours }: ShrinkingRestarts): string {
  return `${escapeInline(service)}: ${boughtHours.map(formatHours).join(', then ')}. A restart does not mend it.`
}
