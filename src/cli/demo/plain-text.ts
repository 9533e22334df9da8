import { z } from 'zod'

const EMOJI: Readonly<Record<string, string>> = {
  mag: '🔍',
  hourglass_flowing_sand: '⏳',
  white_check_mark: '✅',
  x: '❌',
  warning: '⚠️',
  information_source: 'ℹ️',
  no_entry: '⛔',
  lock: '🔒',
  bar_chart: '📊',
  grey_question: '❔',
  red_circle: '🔴',
  large_green_circle: '🟢',
  white_circle: '⚪',
  large_yellow_circle: '🟡',
  octagonal_sign: '🛑',
  rotating_light: '🚨',
  bell: '🔔',
}

/** Slack's mrkdwn as a reader sees it, without colours and fonts. `nameOf` gives people and groups their names. */
function plainText(mrkdwn: string, nameOf: (id: string) => string | undefined): string {
  return mrkdwn
    .replace(/<@([A-Z0-9]+)(?:\|[^>]*)?>/g, (_, id: string) => `@${nameOf(id) ?? id}`)
    .replace(/<!subteam\^([A-Z0-9]+)(?:\|[^>]*)?>/g, (_, id: string) => `@${nameOf(id) ?? id}`)
    .replace(/<[^|>]+\|([^>]+)>/g, '$1')
    .replace(/<([^>]+)>/g, '$1')
    .replace(/(^|[^\w*])\*([^*\n]+)\*(?![\w*])/g, '$1$2')
    .replace(/:([a-z0-9_]+):/g, (whole, name: string) => EMOJI[name] ?? whole)
    .replaceAll('`', '')
    .replaceAll('\u200b', '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

const text = z.object({ text: z.string() })
const blocks = z.array(
  z.object({
    type: z.string(),
    text: text.optional(),
    elements: z
      .array(z.object({ text: z.union([text, z.string()]).optional(), action_id: z.string().optional() }))
      .optional(),
  }),
)

/** What stands in a message. */
export interface ShownMessage {
  /** Each with its lines. */
  readonly paragraphs: readonly (readonly string[])[]
  /** The small print below. */
  readonly footer: readonly string[]
  readonly buttons: readonly { readonly label: string; readonly actionId: string }[]
}

/** A message as a reader sees it; one without blocks is its text. */
export function shownMessage(
  message: { readonly text: string; readonly blocks?: readonly unknown[] },
  nameOf: (id: string) => string | undefined,
): ShownMessage {
  const parsed = blocks.parse(message.blocks ?? [])
  const linesOf = (mrkdwn: string): readonly string[] => plainText(mrkdwn, nameOf).split('\n')
  if (parsed.length === 0) {
    return { paragraphs: message.text === '' ? [] : [linesOf(message.text)], footer: [], buttons: [] }
  }
  const elementsOf = (type: string) => parsed.flatMap((block) => (block.type === type ? (block.elements ?? []) : []))
  return {
    paragraphs: parsed.flatMap((block) => (block.text === undefined ? [] : [linesOf(block.text.text)])),
    footer: elementsOf('context').flatMap((element) => linesOf(wordsOf(element.text))),
    buttons: elementsOf('actions').map(({ text: label, action_id = '' }) => ({
      label: wordsOf(label),
      actionId: action_id,
    })),
  }
}

function wordsOf(text: { readonly text: string } | string | undefined): string {
  return typeof text === 'object' ? text.text : (text ?? '')
}
