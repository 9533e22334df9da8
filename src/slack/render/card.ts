import { formatTime } from '../../domain/finding.ts'
import type { Incident, Investigation } from '../../domain/incident.ts'
import { currentInvestigation } from '../../domain/incident.ts'
import type { View } from '../../pipeline/ports.ts'
import { buttons } from './buttons.ts'
import { diagnosisParagraphs } from './diagnosis.ts'
import { type Doubts, doubtLines } from './doubts.ts'
import { joinedLines } from './joined.ts'
import type { Content } from './message.ts'
import { content } from './message.ts'
import { offerParagraphs } from './offer.ts'
import { foreseenLine, preAlertLines } from './pre-alert.ts'
import { relatedLine } from './related.ts'
import { remediationLines } from './remediation.ts'
import { escapeInline, link, mention, sentence, shorten } from './text.ts'
import { verificationLines } from './verification.ts'

/** The incident's one message, as it should stand now: placeholder, progress, diagnosis, what was done, what it changed. */
export function renderCard(view: View, doubts: Doubts): Content {
  const { incident } = view
  const investigation = currentInvestigation(incident)
  const { blocks, left } = buttons(view)
  return content(
    [
      title(view),
      joinedLines(incident).join('\n'),
      doubtLines(doubts).join('\n'),
      foreseenLine(incident),
      preAlertLines(view).join('\n'),
      ...(investigation === undefined ? [] : investigationParagraphs(view, investigation)),
      ...(investigation === undefined ? [] : [relatedLine(investigation)]),
      remediationLines(view).join('\n'),
      verificationLines(view).join('\n'),
      ...offerParagraphs(view),
      left === 0
        ? ''
        : `:warning: Slack has no room here for ${left} more ${left === 1 ? 'button' : 'buttons'}; others must be pressed or expire first.`,
    ],
    blocks,
    footer(view, investigation),
  )
}

function title({ incident, service }: View): string {
  const name =
    service?.name ??
    incident.pagerduty?.serviceName ??
    incident.alert?.serviceName ??
    incident.service ??
    'unknown service'
  const over =
    incident.status === 'resolved' && incident.resolvedAt !== undefined
      ? ` · ${incident.origin === 'schedule' ? 'closed' : 'resolved'} ${formatTime(incident.resolvedAt)}`
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
  return [
    ...sources(incident),
    `opened ${formatTime(incident.openedAt)}`,
    ...(incident.urgency === undefined ? [] : [`${incident.urgency} urgency`]),
    ...(investigation?.runbook === undefined ? [] : [`runbook ${sentence(investigation.runbook)}`]),
    ...(service?.mode === 'observe' ? ['observe mode: incbot changes nothing'] : []),
    ...(service?.mode === 'propose' ? ['propose mode: buttons only say what they would do'] : []),
    ...(investigation?.state === 'finished' ? ['details and charts in the thread'] : []),
  ].join(' · ')
}

function sources(incident: Incident): readonly string[] {
  const { pagerduty, alert } = incident
  if (pagerduty === undefined && alert === undefined) return [requested(incident)]
  return [
    ...(pagerduty ? [link(pagerduty.url, `PagerDuty #${pagerduty.number ?? pagerduty.incidentId}`)] : []),
    ...(alert ? [link(alert.url, 'alert in Prometheus')] : []),
  ]
}

function requested(incident: Incident): string {
  if (incident.preAlert !== undefined) return `found by the schedule “${sentence(incident.preAlert.schedule)}”`
  return incident.requestedBy === undefined ? 'requested' : `requested by ${mention(incident.requestedBy)}`
}

function pagerDutyName(incidentId: string): string {
  return escapeInline(shorten(incidentId.replace(/^pd-/, ''), 60))
}
