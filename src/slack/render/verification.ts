import { formatFact, formatTime } from '../../domain/finding.ts'
import type { Investigation } from '../../domain/incident.ts'
import { currentInvestigation } from '../../domain/incident.ts'
import { compareFindings } from '../../domain/verification.ts'
import type { View } from '../../pipeline/ports.ts'
import { escapeInline, sentence } from './text.ts'

/** What the same checks said before and after, for every remediation whose effect was measured. */
export function verificationLines(view: View): readonly string[] {
  return view.incident.investigations
    .filter((one) => one.reason === 'verification')
    .flatMap((one) => verificationLine(view, one) ?? [])
}

function verificationLine({ incident, service }: View, verification: Investigation): string | undefined {
  const remediation = incident.remediations.find((one) => one.id === verification.verifies)
  if (remediation === undefined) return undefined
  const what = escapeInline(remediation.plan.button)
  if (verification.state === 'running') return `:mag: Measuring what “${what}” changed…`
  const before = currentInvestigation(incident)?.findings ?? []
  const changes = compareFindings(before, verification.findings)
  const at = verification.finishedAt === undefined ? '' : ` (${formatTime(verification.finishedAt)})`
  if (changes.length === 0) return `:grey_question: After “${what}”${at}: no figure of the checks has changed.`
  const units = service?.units ?? 'binary'
  const said = changes.map(
    (change) =>
      `${escapeInline(change.before.label.toLowerCase())} ${formatFact(change.before, units)} → ${formatFact(change.after, units)}`,
  )
  return [`:bar_chart: After “${what}”${at}: ${said.join(', ')}.`, ...(verification.followUp ?? []).map(sentence)].join(
    ' ',
  )
}
