/** Slack reads `<!channel>`, `<@U1>` and `<url|text>` in any text: what comes from outside must not be able to ping or to forge a link. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Escaped, on one line, and without the characters that would start formatting in the middle of a sentence. */
export function escapeInline(text: string): string {
  return escapeText(text.replace(/\s+/g, ' ').trim()).replace(/[*_~`]/g, (mark) => `${mark}\u200b`)
}

/** At most `limit` characters; what is cut off is shown to be. Never ends inside an escaped character. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text
  return `${text.slice(0, limit - 1).replace(/&[a-z]*$/, '')}…`
}

/** A link where the address is one that a browser opens; the plain text otherwise. */
export function link(url: string | undefined, text: string): string {
  const label = escapeInline(text)
  return url !== undefined && /^https?:\/\/[^\s|<>]+$/.test(url) ? `<${url}|${label}>` : label
}

/** Confidence in words and as a figure: "high (0.97)". */
export function describeConfidence(confidence: number): string {
  const word = confidence >= 0.9 ? 'high' : confidence >= 0.7 ? 'good' : confidence >= 0.5 ? 'fair' : 'low'
  return `${word} (${confidence.toFixed(2)})`
}
