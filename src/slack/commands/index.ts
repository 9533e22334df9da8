import type { Person } from '../../domain/event.ts'
import type { BotPorts } from '../bot-ports.ts'
import type { UseKind } from '../fair-use.ts'
import { escapeInline, shorten } from '../render/text.ts'
import { abort } from './abort.ts'
import { details } from './details.ts'
import { diagnose } from './diagnose.ts'
import { exempt } from './exempt.ts'
import { freeze } from './freeze.ts'
import { help } from './help.ts'
import { nearest } from './nearest.ts'
import { off } from './off.ts'
import { on } from './on.ts'
import { status } from './status.ts'
import type { Subcommand } from './subcommand.ts'
import { unfreeze } from './unfreeze.ts'

/** Everything that can be asked of incbot in Slack, in the order of `help`. */
export const subcommands: readonly Subcommand[] = [
  diagnose,
  details,
  status,
  freeze,
  exempt,
  unfreeze,
  abort,
  off,
  on,
  help(() => subcommands),
]

/** Longer than anything that a person types. */
const LONGEST = 4_000

/** Carries out a command as Slack hands it over, with `&`, `<` and `>` escaped. Resolves with the answer, in mrkdwn. */
export function runCommand(
  ports: BotPorts,
  given: { readonly by: Person; readonly channel: string; readonly key: string; readonly text: string },
): Promise<string> {
  const { word, rest, found } = read(given.text)
  if (found === undefined) return Promise.resolve(unknownCommand(ports, word))
  return found.run({ ...given, rest, ports })
}

/** Out of which allowance a command is taken. */
export function useOf(text: string): UseKind {
  return read(text).found?.stops ? 'stop' : 'command'
}

function read(text: string): { readonly word: string; readonly rest: string; readonly found: Subcommand | undefined } {
  const typed = asTyped(text.slice(0, LONGEST)).trim()
  const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(typed) ?? []
  const name = word === '' ? 'help' : word.toLowerCase()
  return { word, rest: rest.trim(), found: subcommands.find((one) => one.name === name) }
}

function unknownCommand({ command }: BotPorts, word: string): string {
  const near = nearest(
    word,
    subcommands.map(({ name }) => name),
  )
  const meant = near.map((name) => `\`${command} ${name}\``).join(' or ')
  const hint = near.length === 0 ? `\`${command} help\` lists what there is.` : `Did you mean ${meant}?`
  return `incbot does not know “${escapeInline(shorten(word, 80))}”. ${hint}`
}

/** Slack escapes what people type before apps see it. */
function asTyped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
