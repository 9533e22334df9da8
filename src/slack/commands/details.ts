import { currentInvestigation, type Incident } from '../../domain/incident.ts'
import type { Service } from '../../domain/service.ts'
import type { ServiceStatus } from '../../pipeline/commands.ts'
import type { BotPorts } from '../bot-ports.ts'
import { renderDetails } from '../render/details.ts'
import { escapeInline, link, shorten } from '../render/text.ts'
import { fromMemory, nothingKnown } from './recalled.ts'
import { takeService } from './service-argument.ts'
import { type Subcommand, usage } from './subcommand.ts'

/** Slack takes longer answers, and nobody reads them. */
const LONGEST = 3_500

export const details: Subcommand = {
  name: 'details',
  takes: '<service>',
  about: 'what was checked for the newest incident, also where a storm left no room for it in the thread',
  async run(given) {
    const { ports } = given
    const taken = takeService(given, usage(ports, details))
    if ('answer' in taken) return taken.answer
    const { service } = taken
    const answer = await ports.commands.status(service)
    if (answer === 'unknown') return nothingKnown(ports)
    return [...fromMemory(answer, ports.now()), newest(answer.services, service, ports)].join('\n')
  },
}

function newest(services: readonly ServiceStatus[], service: Service, ports: BotPorts): string {
  const incident = services.flatMap(({ incidents }) => incidents).find((one) => findingsOf(one).length > 0)
  const investigation = incident && currentInvestigation(incident)
  if (incident === undefined || investigation === undefined)
    return `There is nothing that was checked for *${escapeInline(service.name)}*: no open incident has findings. \`${ports.command} diagnose ${escapeInline(service.name)}\` checks now.`
  const title = link(incident.pagerduty?.url, shorten(incident.title, 120))
  return shorten(`*${escapeInline(service.name)}* · ${title}\n${renderDetails(investigation).text}`, LONGEST)
}

function findingsOf(incident: Incident) {
  return currentInvestigation(incident)?.findings ?? []
}
