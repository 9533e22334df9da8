/** Slack reads `<!channel>`, `<@U1>` and `<url|text>` in any text: what comes from outside must not be able to ping or to forge a link. */
export function escapeText(text: string): string {
  return clean(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Escaped, on one line, and without the characters that would start formatting in the middle of a sentence. */
export function escapeInline(text: string): string {
  return escapeText(text.replace(/\s+/g, ' ').trim()).replace(/[*_~`]/g, (mark) => `${mark}\u200b`)
}

/** A sentence from outside, escaped and no longer than anybody reads. */
export function sentence(text: string): string {
  return escapeInline(shorten(text, 600))
}

/** The same with a full stop, unless it ends like a sentence already. */
export function stopped(text: string): string {
  return text === '' || /[.!?…]\u200b?$/.test(text) ? text : `${text}.`
}

/** For `plain_text`, which Slack does not interpret: at most `limit` characters, never empty, which Slack would refuse. */
export function plainText(text: string, limit: number): string {
  return (
    shorten(
      clean(text.slice(0, 4 * limit))
        .replace(/\s+/g, ' ')
        .trim(),
      limit,
    ) || '-'
  )
}

/**
 * Without control characters, without the marks that turn the direction of writing (a title could otherwise make the sentence after it
 * read backwards), and without halves of surrogate pairs, which cannot be sent at all.
 */
export function clean(text: string): string {
  return text
    .replace(/[^\P{Cc}\n\t]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/\p{Surrogate}/gu, '\ufffd')
}

/** At most `limit` characters; what is cut off is shown to be. Never ends inside an escaped character or a surrogate pair. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text
  return `${text
    .slice(0, limit - 1)
    .replace(/[\ud800-\udbff]$/, '')
    .replace(/&[a-z]{0,3}$/, '')}…`
}

/** A link where the address is one that a browser opens; the plain text otherwise. */
export function link(url: string | undefined, text: string): string {
  const label = escapeInline(shorten(text, 200))
  return url !== undefined && url.length <= 1_000 && /^https?:\/\/[^\s|<>]+$/.test(url) ? `<${url}|${label}>` : label
}

/** A person as Slack shows them; whatever is no user id stays text. */
export function mention(user: string): string {
  return /^[UW][A-Z0-9]{1,30}$/.test(user) ? `<@${user}>` : escapeInline(shorten(user, 80))
}

/** A channel as Slack shows it; whatever is no channel id stays text. */
export function channelLink(channel: string): string {
  return /^[CGD][A-Z0-9]{1,30}$/.test(channel) ? `<#${channel}>` : escapeInline(shorten(channel, 80))
}

/** Confidence in words and as a figure: "high (0.97)". */
export function describeConfidence(confidence: number): string {
  const word = confidence >= 0.9 ? 'high' : confidence >= 0.7 ? 'good' : confidence >= 0.5 ? 'fair' : 'low'
  return `${word} (${confidence.toFixed(2)})`
}
