import { adminProblem } from './admin.ts'
import type { Subcommand } from './subcommand.ts'

export const on: Subcommand = {
  name: 'on',
  takes: '',
  about: 'undo the kill switch (admins)',
  async run(given) {
    const problem = await adminProblem(given)
    if (problem !== undefined) return problem
    await given.ports.switchOn(given.by)
    return 'incbot is switched on: each service is back in its own mode.'
  },
}
