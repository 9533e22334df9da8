/** What a message notifies and where it links to. */
export interface References {
  readonly mentions: readonly string[]
  readonly links: readonly string[]
}

const broadcasts = /^!(?:channel|here|everyone|group)(?:\||$)/
const userGroup = /^!subteam\^[A-Z0-9]+/
const user = /^@[UW][A-Z0-9]+/
const target = /^(?:https?:\/\/|mailto:|tel:|slack:\/\/)/

/**
 * The control sequences that Slack would act upon in a mrkdwn text, as `<…>` without the label. Escaped ones (`&lt;`) are
 * plain text and absent. Follows docs.slack.dev, "Formatting message text", advanced formatting.
 */
export function referencesIn(text: string): References {
  const mentions: string[] = []
  const links: string[] = []
  for (const match of text.matchAll(/<([^<>\n]+)>/g)) {
    const inner = match[1] ?? ''
    const withoutLabel = inner.split('|')[0] ?? ''
    if (broadcasts.test(inner) || userGroup.test(inner) || user.test(inner)) mentions.push(`<${withoutLabel}>`)
    else if (target.test(inner)) links.push(withoutLabel)
  }
  return { mentions, links }
}

/** The references of a whole message: its text and every mrkdwn, markdown and rich text part of its blocks. */
export function messageReferences(text: string, blocks: readonly unknown[] | undefined): References {
  const found = [referencesIn(text), ...(blocks ?? []).flatMap((block) => nested(block))]
  return { mentions: found.flatMap(({ mentions }) => mentions), links: found.flatMap(({ links }) => links) }
}

function nested(part: unknown): readonly References[] {
  if (Array.isArray(part)) return part.flatMap(nested)
  if (typeof part !== 'object' || part === null) return []
  // Checked above: an object with string keys and unknown values.
  const fields = part as Readonly<Record<string, unknown>>
  const own = ownReferences(fields)
  return own ? [own] : Object.values(fields).flatMap(nested)
}

function ownReferences(fields: Readonly<Record<string, unknown>>): References | undefined {
  switch (fields.type) {
    case 'mrkdwn':
    case 'markdown':
      return referencesIn(String(fields.text))
    case 'broadcast':
      return { mentions: [`<!${String(fields.range)}>`], links: [] }
    case 'user':
      return { mentions: [`<@${String(fields.user_id)}>`], links: [] }
    case 'usergroup':
      return { mentions: [`<!subteam^${String(fields.usergroup_id)}>`], links: [] }
    case 'link':
      return { mentions: [], links: [String(fields.url)] }
    default:
      return undefined
  }
}

/** What Slack does to everything a person types before an app sees it. */
export function escapeTyped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
