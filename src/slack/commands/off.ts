import { adminProblem } from './admin.ts'
import { typedReason } from './reason.ts'
import type { Subcommand } from './subcommand.ts'

export const off: Subcommand = {
  name: 'off',
  takes: '[reason]',
  stops: true,
  about: 'kill switch: from now on incbot only observes, everywhere (admins)',
  async run(given) {
    const problem = await adminProblem(given)
    if (problem !== undefined) return problem
    await given.ports.switchOff(given.by, typedReason(given.rest) || 'no reason given')
    return `incbot is switched off: it goes on diagnosing and changes nothing until \`${given.ports.command} on\`. What was already under way goes on to its end.`
  },
}
