/** The texts in a `Warning` header, in which the API server sends `299 - "text"`, several joined by commas (RFC 7234, section 5.5). */
export function readWarnings(header: string | undefined): readonly string[] {
  const quoted = (header ?? '').matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)
  return [...quoted].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'))
}
