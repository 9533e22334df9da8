import { formatAgo } from '../../domain/units.ts'
import type { StatusAnswer } from '../../pipeline/commands.ts'
import type { BotPorts } from '../bot-ports.ts'

const AWAY = 'incbot cannot reach its store just now.'

/** What stands first where the answer is not the store's; nothing where it is. */
export function fromMemory({ rememberedAt }: StatusAnswer, now: number): readonly string[] {
  return rememberedAt === undefined ? [] : [`${AWAY} This is what it knew ${formatAgo(rememberedAt, now)}.`]
}

/** For a question that neither the store nor memory answers: what that means, and what to do. */
export function nothingKnown({ command }: BotPorts): string {
  return [
    `${AWAY} It has read nothing since it started, so it does not know what is open or frozen, and starts nothing until the store answers.`,
    `Look in PagerDuty for what is open, and ask whoever runs incbot to look at \`/readyz\`, which says what is wrong. Then try \`${command} status\` again.`,
  ].join(' ')
}
