import { formatTime } from '../../domain/finding.ts'
import { currentInvestigation, type Incident } from '../../domain/incident.ts'
import { isUnderWay, type Remediation } from '../../domain/remediation.ts'
import { formatAgo, formatMoment } from '../../domain/units.ts'
import type { FreezeStatus, ServiceStatus } from '../../pipeline/commands.ts'
import type { BotPorts } from '../bot-ports.ts'
import { enforcement, exemptions, refusedDeploys } from '../render/freeze.ts'
import { remediationLine } from '../render/remediation.ts'
import { escapeInline, link, mention, shorten } from '../render/text.ts'
import { fromMemory, nothingKnown } from './recalled.ts'
import { takeService } from './service-argument.ts'
import { type Subcommand, usage } from './subcommand.ts'

const SHOWN = 15
const SHOWN_FREEZES = 5

export const status: Subcommand = {
  name: 'status',
  takes: '[service]',
  about: 'open incidents, what they look like, what is under way, and deploy freezes with where they are enforced',
  async run(given) {
    const { ports } = given
    const taken = given.rest === '' ? undefined : takeService(given, usage(ports, status))
    if (taken !== undefined && 'answer' in taken) return taken.answer
    const answer = await ports.commands.status(taken?.service)
    if (answer === 'unknown') return nothingKnown(ports)
    return [...fromMemory(answer, ports.now()), list(answer.services, ports)].join('\n')
  },
}

function list(all: readonly ServiceStatus[], ports: BotPorts): string {
  if (all.length === 0) {
    return `All quiet: no open incidents and no deploy freezes. ${ports.catalogue().services.length} services are in the catalogue.`
  }
  const more = all.length > SHOWN ? [`and ${all.length - SHOWN} more services`] : []
  const services = all.slice(0, SHOWN).map((one) => ofService(one, ports.now()))
  return shorten([...services, ...more].join('\n'), 3_500)
}

function ofService({ service, incidents, freezes }: ServiceStatus, now: number): string {
  const quiet = incidents.length === 0 && freezes.length === 0 ? ' · no open incidents, no deploy freeze' : ''
  const more = freezes.length > SHOWN_FREEZES ? [`• and ${freezes.length - SHOWN_FREEZES} more freezes`] : []
  return [
    `*${escapeInline(service.name)}* · ${service.mode} mode${quiet}`,
    ...incidents.flatMap(ofIncident),
    ...freezes.slice(0, SHOWN_FREEZES).map((one) => ofFreeze(one, now)),
    ...more,
  ].join('\n')
}

function ofIncident(incident: Incident): readonly string[] {
  const { diagnosis, nothing, state } = currentInvestigation(incident) ?? {}
  const looks = diagnosis?.conclusion ?? nothing ?? (state === 'running' ? 'being diagnosed' : 'not diagnosed')
  const title = link(incident.pagerduty?.url ?? incident.alert?.url, shorten(incident.title, 120))
  const over = incident.status === 'resolved' ? ', resolved' : ''
  return [
    `• ${title} since ${formatTime(incident.openedAt)}${over}: ${escapeInline(shorten(looks, 240))}`,
    ...incident.remediations.filter(isUnderWay).map(underWay),
  ]
}

function underWay(remediation: Remediation): string {
  return `   ${remediationLine(remediation) ?? ''}`
}

function ofFreeze({ scope, by, reason, until, terms }: FreezeStatus, now: number): string {
  return [
    `• deploys (${scope}) frozen until ${formatMoment(until, now)} by ${mention(by)}: ${escapeInline(shorten(reason, 200))}`,
    ...(terms === undefined
      ? []
      : [enforcement(terms, (at) => formatAgo(at, now)), ...exemptions(terms), ...refusedDeploys(terms)]
    ).map((line) => `   ${line}`),
  ].join('\n')
}
