import type { Subcommand } from './subcommand.ts'

/** Lists all subcommands; they are handed in late because this is one of them. */
export function help(all: () => readonly Subcommand[]): Subcommand {
  return {
    name: 'help',
    takes: '',
    about: 'this list',
    async run({ ports }) {
      const lines = all().map(({ name, takes, about }) => {
        const command = `${ports.command} ${name} ${takes}`.trim().replaceAll('<', '&lt;').replaceAll('>', '&gt;')
        return `• \`${command}\` ${about}`
      })
      return ['incbot runs a service’s runbook and says what is wrong.', ...lines].join('\n')
    },
  }
}
