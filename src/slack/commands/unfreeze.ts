import { clean, escapeInline, shorten } from '../render/text.ts'
import { takeService } from './service-argument.ts'
import { type Subcommand, usage } from './subcommand.ts'

const REASON = 300

export const unfreeze: Subcommand = {
  name: 'unfreeze',
  takes: '<service> [reason]',
  about: 'lift the deploy freeze of the service; who breaks the glass for it says why',
  async run(given) {
    const { ports, by, channel, key } = given
    const taken = takeService(given, usage(ports, unfreeze))
    if ('answer' in taken) return taken.answer
    const reason = shorten(clean(taken.rest).replace(/\s+/g, ' ').trim(), REASON)
    const result = await ports.commands.unfreeze(taken.service, by, channel, reason || undefined, key)
    if ('problem' in result) return escapeInline(result.problem)
    return `Asked to lift the deploy freeze of *${escapeInline(taken.service.name)}*. The freeze’s card says when it is lifted.`
  },
}
