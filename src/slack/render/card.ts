import { formatTime } from '../../domain/finding.ts'
import type { Incident, Investigation } from '../../domain/incident.ts'
import { currentInvestigation } from '../../domain/incident.ts'
import type { View } from '../../pipeline/ports.ts'
import { diagnosisParagraphs } from './diagnosis.ts'
import { type Doubts, doubtLines } from './doubts.ts'
import type { Content } from './message.ts'
import { content } from './message.ts'
import { buttons, remediationLines } from './remediation.ts'
import { escapeInline, link, mention, sentence, shorten } from './text.ts'
import { verificationLines } from './verification.ts'

/** The incident's one message, as it should stand now: placeholder, progress, diagnosis, what was done, what it changed. */
export function renderCard(view: View, doubts: Doubts): Content {
  const { incident } = view
  const investigation = currentInvestigation(incident)
  return content(
    [
      title(view),
      doubtLines(doubts).join('\n'),
      ...(investigation === undefined ? [] : investigationParagraphs(view, investigation)),
      remediationLines(incident).join('\n'),
      verificationLines(view).join('\n'),
    ],
    buttons(incident),
    footer(view, investigation),
  )
}

function title({ incident, service }: View): string {
  const name = service?.name ?? incident.pagerduty?.serviceName ?? incident.service ?? 'unknown service'
  const over =
    incident.status === 'resolved' && incident.resolvedAt !== undefined
      ? ` · resolved ${formatTime(incident.resolvedAt)}`
      : ''
  const merged = incident.mergedInto === undefined ? '' : ` · merged into ${pagerDutyName(incident.mergedInto)}`
  const joined =
    incident.mergedFrom.length === 0
      ? ''
      : ` · with ${incident.mergedFrom.map(pagerDutyName).join(', ')} merged into it`
  return `*${escapeInline(shorten(name, 100))}* · ${escapeInline(shorten(incident.title, 300))}${over}${merged}${joined}`
}

function investigationParagraphs(view: View, investigation: Investigation): readonly string[] {
  if (investigation.diagnosis !== undefined) return diagnosisParagraphs(investigation.diagnosis)
  if (investigation.nothing !== undefined) return [`No diagnosis: ${sentence(investigation.nothing)}`]
  return [running(view, investigation)]
}

function running({ progress }: View, investigation: Investigation): string {
  const { checks } = investigation
  if (checks === 0) return ':mag: Diagnosing…'
  const done = progress?.investigationId === investigation.id ? progress.done : 0
  return `:mag: Diagnosing, ${checks} checks running${done > 0 ? `, ${done} answered` : ''}…`
}

function footer({ incident, service }: View, investigation: Investigation | undefined): string {
  const where =
    incident.pagerduty === undefined
      ? requested(incident)
      : link(incident.pagerduty.url, `PagerDuty #${incident.pagerduty.number ?? incident.pagerduty.incidentId}`)
  return [
    where,
    `opened ${formatTime(incident.openedAt)}`,
    ...(incident.urgency === undefined ? [] : [`${incident.urgency} urgency`]),
    ...(investigation?.runbook === undefined ? [] : [`runbook ${sentence(investigation.runbook)}`]),
    ...(service?.mode === 'observe' ? ['observe mode: incbot changes nothing'] : []),
    ...(service?.mode === 'propose' ? ['propose mode: buttons only say what they would do'] : []),
    ...(investigation?.state === 'finished' ? ['details and charts in the thread'] : []),
  ].join(' · ')
}

function requested(incident: Incident): string {
  return incident.requestedBy === undefined ? 'requested' : `requested by ${mention(incident.requestedBy)}`
}

function pagerDutyName(incidentId: string): string {
  return escapeInline(shorten(incidentId.replace(/^pd-/, ''), 60))
}
