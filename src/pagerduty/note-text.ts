import { createHash } from 'node:crypto'
import { brokenGlass } from '../domain/broken-glass.ts'
import type { Diagnosis } from '../domain/diagnosis.ts'
import { formatTime } from '../domain/finding.ts'
import type { Incident, Investigation } from '../domain/incident.ts'
import type { Approval, Remediation } from '../domain/remediation.ts'
import type { View } from '../pipeline/ports.ts'
import { manyLines, oneLine } from './text.ts'

/** Something to say on the PagerDuty incident, once. */
export interface Note {
  /** Of its delivery. */
  readonly key: string
  /** Plain text, which PagerDuty shows as it is; `noteText` makes it whole. */
  readonly body: string
  /** By this the note is recognised among others. */
  readonly marker: string
  /** Since when there is something to say, ms since the epoch. */
  readonly since: number
}

const MAX_LENGTH = 5_000
const MAX_LINE = 600
const MAX_LINES = 12

/** Enough of a hash to find an entry by, and short enough to be copied by hand. */
const HASH_DIGITS = 16

/**
 * The notes of an incident in the order in which they came due: the first diagnosis, each approval by breaking the glass, what became of each
 * remediation, and each verdict. A remediation of unknown fate may yet be heard of, which is a second note.
 */
export function notesOf(incident: Incident): readonly Note[] {
  const diagnosed = incident.investigations.find(
    (one) => one.reason !== 'verification' && one.state === 'finished' && one.diagnosis !== undefined,
  )
  const notes = [
    ...(diagnosed?.diagnosis
      ? [
          note(
            diagnosed.id,
            [...diagnosisLines(diagnosed.diagnosis), ...joinedLine(incident)],
            diagnosed.finishedAt ?? diagnosed.startedAt,
          ),
        ]
      : []),
    ...incident.remediations.flatMap(glassNotes),
    ...incident.remediations.flatMap(outcomeNote),
    ...incident.investigations.flatMap((one) => verdictNote(incident, one)),
  ]
  return notes.toSorted((left, right) => left.since - right.since)
}

/**
 * What is written. The end of the timeline goes with it, to somewhere that incbot cannot change afterwards: that is how `incbot audit verify` notices
 * that entries were cut off.
 */
export function noteText({ body, marker }: Note, timelineEnd: View['timelineEnd']): string {
  const head = timelineEnd && `audit head ${timelineEnd.sequence}:${timelineEnd.hash.slice(0, HASH_DIGITS)}`
  return [body, ...(head === undefined ? [] : [head]), marker].join('\n')
}

/** Of what was really carried out, or begun: in `propose` mode nothing is overridden. */
function glassNotes(remediation: Remediation): Note[] {
  return brokenGlass(remediation).map(({ key, at, what, reason, overrode, ...who }) => {
    const lines = [
      `incbot: GLASS BROKEN: ${remediation.title}`,
      `${person(who)} went over what stood against it, at ${formatTime(at)}: ${what}.`,
      `Reason: ${reason || 'none was given'}`,
      ...overrode.slice(0, MAX_LINES).map((one) => `Overridden: ${one}`),
    ]
    return note(`${key}:glass`, lines, at)
  })
}

/** In the verdict's own word: an incident is resolved by people, in PagerDuty, and by nothing that was measured here. */
function verdictNote({ remediations }: Incident, investigation: Investigation): Note[] {
  const { id, verifies, verdict, followUp = [], finishedAt } = investigation
  if (verifies === undefined || verdict === undefined || finishedAt === undefined) return []
  const title = remediations.find((one) => one.id === verifies)?.title ?? 'the remediation'
  const lines = [`incbot: measured after ${title}: ${verdict.verdict}`, verdict.text, ...followUp.slice(0, MAX_LINES)]
  return [note(id, lines, finishedAt)]
}

function person({ by, name }: Pick<Approval, 'by' | 'name'>): string {
  return name === undefined ? by : `${name} (${by})`
}

function outcomeNote(remediation: Remediation): Note[] {
  const { id, state, title, approval, outcome, finishedAt } = remediation
  if (outcome === undefined || finishedAt === undefined) return []
  if (state !== 'succeeded' && state !== 'failed' && state !== 'halted' && state !== 'unknown') return []
  const verdict = state === 'unknown' ? 'outcome unknown' : state
  const approved = approval
    ? [`Approved in Slack by ${approval.name ?? approval.by} at ${formatTime(approval.at)}.`]
    : []
  const lines = [`incbot: ${title}: ${verdict}`, outcome.text, ...approved]
  return [note(state === 'unknown' ? `${id}:unknown` : id, lines, finishedAt)]
}

function diagnosisLines(diagnosis: Diagnosis): readonly string[] {
  const { leading, conclusion, says, ruledOut, contradictions, unknown, now, fix, answered, asked } = diagnosis
  const sure = leading === undefined ? 'Nothing leads' : `Confidence ${leading.confidence.toFixed(2)}`
  return [
    `incbot: ${conclusion}`,
    `${sure}; ${answered} of ${asked} checks answered.`,
    ...says.slice(0, MAX_LINES),
    ...(ruledOut.length > 0 ? [`Unlikely: ${ruledOut.slice(0, MAX_LINES).join('; ')}.`] : []),
    ...contradictions.map((line) => `Does not fit: ${line}`),
    ...unknown.slice(0, MAX_LINES).map((sentence) => `Unknown: ${sentence}`),
    ...now.slice(0, MAX_LINES).map((step, index) => `${index === 0 ? 'Now: ' : ''}${index + 1}) ${step}`),
    ...fix.slice(0, MAX_LINES).map((step) => `Fix: ${step}`),
  ]
}

/** Others have no note of their own: they are part of this incident. */
function joinedLine({ joined }: Incident): readonly string[] {
  if (joined === undefined || joined.count === 0) return []
  const titles = joined.first.map(({ title }) => oneLine(title, 100)).join('; ')
  return [
    `Also about ${joined.count} more ${joined.count === 1 ? 'alert' : 'alerts'}: ${titles}${joined.count > joined.first.length ? '; …' : ''}`,
  ]
}

function note(of: string, lines: readonly string[], since: number): Note {
  const key = `note:${of}`
  const marker = `incbot ref ${createHash('sha256').update(key).digest('hex').slice(0, 12)}`
  const body = manyLines(lines.map((line) => oneLine(line, MAX_LINE)).join('\n'), MAX_LENGTH)
  return { key, body, marker, since }
}
