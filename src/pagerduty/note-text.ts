import { createHash } from 'node:crypto'
import type { Diagnosis } from '../domain/diagnosis.ts'
import { formatTime } from '../domain/finding.ts'
import type { Incident } from '../domain/incident.ts'
import type { Remediation } from '../domain/remediation.ts'
import { manyLines, oneLine } from './text.ts'

/** Something to say on the PagerDuty incident, once. */
export interface Note {
  /** Of its delivery. */
  readonly key: string
  /** Plain text, which PagerDuty shows as it is. */
  readonly text: string
  /** By this the note is recognised among others. */
  readonly marker: string
  /** Since when there is something to say, ms since the epoch. */
  readonly since: number
}

const MAX_LENGTH = 5_000
const MAX_LINE = 600
const MAX_LINES = 12

/**
 * The notes of an incident in the order in which they came due: the first diagnosis, and what became of each remediation. A remediation of
 * unknown fate may yet be heard of, which is a second note.
 */
export function notesOf(incident: Incident): readonly Note[] {
  const diagnosed = incident.investigations.find(
    (one) => one.reason !== 'verification' && one.state === 'finished' && one.diagnosis !== undefined,
  )
  const notes = [
    ...(diagnosed?.diagnosis
      ? [note(diagnosed.id, diagnosisLines(diagnosed.diagnosis), diagnosed.finishedAt ?? diagnosed.startedAt)]
      : []),
    ...incident.remediations.flatMap(outcomeNote),
  ]
  return notes.toSorted((left, right) => left.since - right.since)
}

function outcomeNote(remediation: Remediation): Note[] {
  const { id, state, title, approval, outcome, finishedAt } = remediation
  if (outcome === undefined || finishedAt === undefined) return []
  if (state !== 'succeeded' && state !== 'failed' && state !== 'unknown') return []
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

function note(of: string, lines: readonly string[], since: number): Note {
  const key = `note:${of}`
  const marker = `incbot ref ${createHash('sha256').update(key).digest('hex').slice(0, 12)}`
  const text = manyLines(lines.map((line) => oneLine(line, MAX_LINE)).join('\n'), MAX_LENGTH)
  return { key, text: `${text}\n${marker}`, marker, since }
}
