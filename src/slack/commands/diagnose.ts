import { escapeInline } from '../render/text.ts'
import { takeService } from './service-argument.ts'
import { type Subcommand, usage } from './subcommand.ts'

export const diagnose: Subcommand = {
  name: 'diagnose',
  takes: '<service>',
  about: 'run the service’s runbook now and post what it finds here',
  async run(given) {
    const { ports, by, channel, key } = given
    const taken = takeService(given, usage(ports, diagnose))
    if ('answer' in taken) return taken.answer
    await ports.commands.diagnose(taken.service, by, channel, key)
    return `Diagnosing *${escapeInline(taken.service.name)}*. The findings appear in this channel in a moment.`
  },
}
