import type { KnownBlock } from '@slack/types'
import { fairShares } from './fair-shares.ts'
import { shorten } from './text.ts'

/** A message as Slack takes it: `text` is what notifications and screen readers say, `blocks` is what eyes see. */
export interface Content {
  readonly text: string
  readonly blocks: readonly KnownBlock[]
}

/** Slack refuses a section above 3,000 characters, a `text` above 4,000 on an edit, 50 blocks, and about 13,000 characters of blocks in all. */
const SECTION = 3_000
const TEXT = 3_900
const PARAGRAPHS = 40
const ALL_BLOCKS = 12_000
/** What a block costs besides its text. */
const FRAME = 90

/**
 * A message that reads the same with and without its blocks: paragraphs of mrkdwn, then what can be pressed. Whatever the length of its
 * parts, Slack accepts it: the longest paragraphs give way first, and what is cut off is shown to be.
 */
export function content(paragraphs: readonly string[], more: readonly KnownBlock[] = [], footer?: string): Content {
  const said = paragraphs.filter((paragraph) => paragraph !== '')
  const last = [...more, ...(footer === undefined ? [] : [context(footer)])]
  const room = ALL_BLOCKS - JSON.stringify(last).length - FRAME * Math.min(said.length, PARAGRAPHS)
  return {
    text: shorten([...said, ...(footer === undefined ? [] : [footer])].join('\n'), TEXT) || '-',
    blocks: [...fairShares(said.slice(0, PARAGRAPHS), room).map(section), ...last],
  }
}

/** The same without blocks, for a Slack that refused them. */
export function withoutBlocks({ text }: Content): Content {
  return { text, blocks: [] }
}

export function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: shorten(text, SECTION), verbatim: true } }
}

export function context(text: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: shorten(text, 2_000), verbatim: true }] }
}
