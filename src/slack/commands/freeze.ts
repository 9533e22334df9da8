import { formatHours } from '../../domain/finding.ts'
import { escapeInline, shorten } from '../render/text.ts'
import { typedReason } from './reason.ts'
import { takeService } from './service-argument.ts'
import { type Subcommand, usage } from './subcommand.ts'

const DEFAULT_MS = 2 * 3_600_000

export const freeze: Subcommand = {
  name: 'freeze',
  takes: '<service> [duration] [reason]',
  about: 'refuse deploys of the service for a while, 2h unless you say otherwise',
  async run(given) {
    const { ports, by, channel, key } = given
    const taken = takeService(given, usage(ports, freeze))
    if ('answer' in taken) return taken.answer
    const { service } = taken
    const asked = readFreeze(taken.rest, ports.parseDuration)
    if ('problem' in asked) return `${asked.problem} ${usage(ports, freeze)}`
    const result = await ports.commands.freeze(service, by, channel, asked, key)
    if ('problem' in result) return escapeInline(result.problem)
    const duration = formatHours(asked.durationMs / 3_600_000)
    return `Asked for a deploy freeze of *${escapeInline(service.name)}* for ${duration}. Its card in this channel says whether it holds, and where.`
  },
}

/** "[duration] [reason]" as it was typed. A first word that starts with a digit is meant to be a duration. */
export function readFreeze(
  text: string,
  parseDuration: (text: string) => number | undefined,
): { readonly durationMs: number; readonly reason: string } | { readonly problem: string } {
  const [, word = '', behind = ''] = /^(\S*)\s*(.*)$/s.exec(text) ?? []
  const durationMs = parseDuration(word.toLowerCase())
  if (durationMs !== undefined) return { durationMs, reason: reasonOf(behind) }
  if (/^[-+]?\d/.test(word)) {
    return { problem: `“${escapeInline(shorten(word, 40))}” is no duration; write 90m, 2h or 1h30m.` }
  }
  return { durationMs: DEFAULT_MS, reason: reasonOf(text) }
}

function reasonOf(text: string): string {
  return typedReason(text) || 'no reason given'
}
