import { formatFact, formatTime } from '../../domain/finding.ts'
import type { Incident, Investigation } from '../../domain/incident.ts'
import { currentInvestigation } from '../../domain/incident.ts'
import type { Remediation } from '../../domain/remediation.ts'
import { compareFindings, type EffectVerdict } from '../../domain/verification.ts'
import type { View } from '../../pipeline/ports.ts'
import { type Content, content } from './message.ts'
import { sentence } from './text.ts'

const ICONS: Readonly<Record<EffectVerdict['verdict'], string>> = {
  fixed: ':large_green_circle:',
  mitigated: ':large_yellow_circle:',
  unchanged: ':white_circle:',
  worse: ':red_circle:',
  unknown: ':grey_question:',
}

/** For every remediation whose effect was measured, or is being measured: the newest verdict, and what it rests on. */
export function verificationLines(view: View): readonly string[] {
  return view.incident.remediations.flatMap((remediation) => {
    const measured = measurementsOf(view.incident, remediation)
    const last = measured.findLast(({ state }) => state === 'finished')
    const isRunning = measured.some(({ state }) => state === 'running')
    return [
      ...(last === undefined ? [] : measuredLines(view, remediation, last)),
      ...(isRunning ? [`:mag: Measuring what “${sentence(remediation.plan.button)}” changed…`] : []),
    ]
  })
}

/** A verdict that is not the one before: the first, or one that time has changed. Undefined for every other investigation. */
export function newVerdict(incident: Incident, { id, verifies, verdict }: Investigation): EffectVerdict | undefined {
  if (verifies === undefined || verdict === undefined) return undefined
  return verdictBefore(incident, id, verifies)?.verdict === verdict.verdict ? undefined : verdict
}

/** The post that says it. */
export function renderVerdict(view: View, verification: Investigation): Content {
  const remediation = view.incident.remediations.find(({ id }) => id === verification.verifies)
  return content(remediation === undefined ? [] : measuredLines(view, remediation, verification))
}

function measurementsOf({ investigations }: Incident, { id }: Remediation): readonly Investigation[] {
  return investigations.filter(({ reason, verifies }) => reason === 'verification' && verifies === id)
}

function measuredLines(view: View, remediation: Remediation, verification: Investigation): readonly string[] {
  return [...verdictLine(view.incident, verification), figuresLine(view, remediation, verification)]
}

/** The verdict in its own words: "resolved" is PagerDuty's, for incidents that somebody closed. */
function verdictLine({ investigations }: Incident, { id, verifies, verdict }: Investigation): readonly string[] {
  if (verdict === undefined || verifies === undefined) return []
  const before = verdictBefore({ investigations }, id, verifies)
  const was = before === undefined || before.verdict === verdict.verdict ? '' : `, was ${before.verdict} before`
  return [`${ICONS[verdict.verdict]} *${verdict.verdict}*${was}: ${sentence(verdict.text)}`]
}

function verdictBefore(
  { investigations }: Pick<Incident, 'investigations'>,
  id: string,
  verifies: string,
): EffectVerdict | undefined {
  const index = investigations.findIndex((one) => one.id === id)
  const before = investigations.slice(0, Math.max(0, index))
  return before.findLast((one) => one.verifies === verifies && one.verdict !== undefined)?.verdict
}

/** What changed in figures, what that bought, and what is next. */
function figuresLine({ incident, service }: View, remediation: Remediation, verification: Investigation): string {
  const before = basisOf(incident, remediation)?.findings ?? []
  const changes = compareFindings(before, verification.findings)
  const at = verification.finishedAt === undefined ? '' : ` (${formatTime(verification.finishedAt)})`
  const intro = `After “${sentence(remediation.plan.button)}”${at}:`
  const units = service?.units ?? 'binary'
  const said = changes.map(
    (change) =>
      `${sentence(change.before.label.toLowerCase())} ${sentence(formatFact(change.before, units))} → ${sentence(formatFact(change.after, units))}`,
  )
  const figures =
    said.length === 0
      ? `:grey_question: ${intro} no figure of the checks has changed.`
      : `:bar_chart: ${intro} ${said.join(', ')}.`
  return [figures, ...(verification.followUp ?? []).map(sentence)].join(' ')
}

/** The investigation that the offer rested on, as the verdict compares; where that is not known, the one that the card shows. */
function basisOf(incident: Incident, { investigationId }: Remediation): Investigation | undefined {
  return incident.investigations.find(({ id }) => id === investigationId) ?? currentInvestigation(incident)
}
