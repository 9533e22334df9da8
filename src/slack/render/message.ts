import type { KnownBlock } from '@slack/types'
import { shorten } from './text.ts'

/** A message as Slack takes it: `text` is what notifications and screen readers say, `blocks` is what eyes see. */
export interface Content {
  readonly text: string
  readonly blocks: readonly KnownBlock[]
}

/** Slack refuses a section above 3,000 characters and a `text` above 4,000 on an edit. */
const SECTION = 3_000
const TEXT = 3_900

/** A message that reads the same with and without its blocks: paragraphs of mrkdwn, then what can be pressed. */
export function content(paragraphs: readonly string[], more: readonly KnownBlock[] = [], footer?: string): Content {
  const said = paragraphs.filter((paragraph) => paragraph !== '')
  return {
    text: shorten([...said, ...(footer === undefined ? [] : [footer])].join('\n'), TEXT),
    blocks: [...said.map(section), ...more, ...(footer === undefined ? [] : [context(footer)])],
  }
}

export function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: shorten(text, SECTION) } }
}

export function context(text: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: shorten(text, 2_000) }] }
}
