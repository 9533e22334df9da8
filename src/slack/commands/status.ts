import { formatTime } from '../../domain/finding.ts'
import type { Freeze } from '../../domain/freeze.ts'
import { currentInvestigation, type Incident } from '../../domain/incident.ts'
import type { ServiceStatus } from '../../pipeline/commands.ts'
import { escapeInline, link, mention, shorten } from '../render/text.ts'
import { takeService } from './service-argument.ts'
import { type Subcommand, usage } from './subcommand.ts'

const SHOWN = 15

export const status: Subcommand = {
  name: 'status',
  takes: '[service]',
  about: 'open incidents, what they look like, and deploy freezes',
  async run(given) {
    const { ports } = given
    const taken = given.rest === '' ? undefined : takeService(given, usage(ports, status))
    if (taken !== undefined && 'answer' in taken) return taken.answer
    const all = await ports.commands.status(taken?.service)
    if (all.length === 0) {
      return `All quiet: no open incidents and no deploy freezes. ${ports.catalogue().services.length} services are in the catalogue.`
    }
    const more = all.length > SHOWN ? [`and ${all.length - SHOWN} more services`] : []
    return shorten([...all.slice(0, SHOWN).map(ofService), ...more].join('\n'), 3_500)
  },
}

function ofService({ service, incidents, freezes }: ServiceStatus): string {
  const quiet = incidents.length === 0 && freezes.length === 0 ? ' · no open incidents, no deploy freeze' : ''
  return [
    `*${escapeInline(service.name)}* · ${service.mode} mode${quiet}`,
    ...incidents.map(ofIncident),
    ...freezes.map(ofFreeze),
  ].join('\n')
}

function ofIncident(incident: Incident): string {
  const { diagnosis, nothing, state } = currentInvestigation(incident) ?? {}
  const looks = diagnosis?.conclusion ?? nothing ?? (state === 'running' ? 'being diagnosed' : 'not diagnosed')
  const title = link(incident.pagerduty?.url, shorten(incident.title, 120))
  return `• ${title} since ${formatTime(incident.openedAt)}: ${escapeInline(shorten(looks, 240))}`
}

function ofFreeze({ scope, by, reason, until }: Freeze): string {
  return `• deploys (${scope}) frozen until ${formatTime(until)} by ${mention(by)}: ${escapeInline(shorten(reason, 200))}`
}
