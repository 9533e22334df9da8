import { clean, shorten } from '../render/text.ts'
import { adminProblem } from './admin.ts'
import type { Subcommand } from './subcommand.ts'

const REASON = 300

export const off: Subcommand = {
  name: 'off',
  takes: '[reason]',
  about: 'kill switch: from now on incbot only observes, everywhere (admins)',
  async run(given) {
    const problem = await adminProblem(given)
    if (problem !== undefined) return problem
    const reason = shorten(clean(given.rest).replace(/\s+/g, ' ').trim(), REASON)
    await given.ports.switchOff(given.by, reason || 'no reason given')
    return `incbot is switched off: it goes on diagnosing and changes nothing until \`${given.ports.command} on\`. What was already under way goes on to its end.`
  },
}
