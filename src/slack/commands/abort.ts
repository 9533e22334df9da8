import { escapeInline } from '../render/text.ts'
import { typedReason } from './reason.ts'
import { takeService } from './service-argument.ts'
import { type Subcommand, usage } from './subcommand.ts'

export const abort: Subcommand = {
  name: 'abort',
  takes: '<service> [reason]',
  stops: true,
  about: 'stop what incbot has under way for the service; works while it is switched off too',
  async run(given) {
    const { ports, by, channel, key } = given
    const taken = takeService(given, usage(ports, abort))
    if ('answer' in taken) return taken.answer
    const reason = typedReason(taken.rest) || 'no reason given'
    const result = await ports.commands.abort(taken.service, by, channel, reason, key)
    if ('problem' in result) return escapeInline(result.problem)
    return `Asked to stop what is under way for *${escapeInline(taken.service.name)}*. Its card says how it stands.`
  },
}
