import { escapeInline } from '../render/text.ts'
import { takeService } from './service-argument.ts'
import { type Subcommand, usage } from './subcommand.ts'

export const unfreeze: Subcommand = {
  name: 'unfreeze',
  takes: '<service>',
  about: 'lift the deploy freeze of the service',
  async run(given) {
    const { ports, by, channel, key } = given
    const taken = takeService(given, usage(ports, unfreeze))
    if ('answer' in taken) return taken.answer
    const result = await ports.commands.unfreeze(taken.service, by, channel, key)
    if ('problem' in result) return escapeInline(result.problem)
    return `Asked to lift the deploy freeze of *${escapeInline(taken.service.name)}*. The freeze’s card says when it is lifted.`
  },
}
