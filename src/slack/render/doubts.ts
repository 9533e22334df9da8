import type { DeliveryNote } from '../deliver/note.ts'
import { channelLink, escapeText } from './text.ts'

/** What Slack itself kept incbot from doing, for the card to say. */
export interface Doubts {
  readonly card: DeliveryNote
  /** How many posts to the thread were given up because nobody can tell whether they are there. */
  readonly unconfirmedPosts: number
  /** How many posts and charts were left out of the thread because Slack's limits left no room for them. */
  readonly leftOut: number
  /** Why posts to the thread were refused; each code once. */
  readonly refusedPosts: readonly string[]
  readonly refusedCharts: readonly string[]
}

/** Empty where everything stands where it should. */
export function doubtLines({
  card,
  unconfirmedPosts,
  leftOut,
  refusedPosts,
  refusedCharts,
}: Doubts): readonly string[] {
  const { copies, instead } = card
  return [
    ...(instead === undefined ? [] : [insteadOf(instead)]),
    ...(copies === undefined
      ? []
      : [
          "Slack did not confirm an earlier copy of this message and this channel's history cannot be read, so it may be here twice.",
        ]),
    ...(unconfirmedPosts === 0
      ? []
      : [
          `Slack did not confirm ${unconfirmedPosts === 1 ? 'a post' : `${unconfirmedPosts} posts`} to the thread and its history cannot be read, so something may be missing there.`,
        ]),
    ...(leftOut === 0
      ? []
      : [
          `${leftOut === 1 ? 'One post' : `${leftOut} posts and charts`} left out of the thread: Slack takes only so many and others were more urgent. \`/inc details\` with the service shows what was checked.`,
        ]),
    ...(refusedPosts.length === 0 ? [] : [`The details could not be posted to the thread (${codes(refusedPosts)}).`]),
    ...(refusedCharts.length === 0
      ? []
      : [`The charts could not be posted (${codes(refusedCharts)})${hint(refusedCharts)}.`]),
  ].map((line) => `:warning: ${line}`)
}

function insteadOf({ channel, code }: NonNullable<DeliveryNote['instead']>): string {
  return `Posted here because Slack refused it in ${channelLink(channel)} (${codes([code])})${hint([code])}.`
}

function codes(list: readonly string[]): string {
  return list.map((code) => `\`${escapeText(code)}\``).join(', ')
}

function hint(list: readonly string[]): string {
  if (list.includes('not_in_channel') || list.includes('channel_not_found'))
    return ': invite incbot there with `/invite`'
  return list.includes('missing_scope') ? ': reinstall the app with the scopes of its manifest' : ''
}
