/** Control characters, and the bidirectional ones with which a title can be made to read backwards. */
const UNPRINTABLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const UNPRINTABLE_BUT_NEWLINE = /[^\P{Cc}\n]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Nothing to clean: printable ASCII words with single spaces between them, which is what nearly all names and titles are. */
const CLEAN = /^[!-~]+(?: [!-~]+)*$/

/** Text from outside on one line: no control characters, at most `maxLength` UTF-16 units, cut with "…". */
export function oneLine(text: string, maxLength: number): string {
  if (text.length <= maxLength && CLEAN.test(text)) return text
  // Cut first: a hostile megabyte is not worth cleaning.
  const head = text.slice(0, 4 * maxLength)
  return cut(wellFormed(head.replace(/\s+/gu, ' ').replace(UNPRINTABLE, '')).trim(), maxLength)
}

/** As `oneLine`, with the line breaks kept. */
export function manyLines(text: string, maxLength: number): string {
  const head = text
    .slice(0, 2 * maxLength)
    .replace(/\r\n?|[\u2028\u2029]/gu, '\n')
    .replaceAll('\t', ' ')
  return cut(wellFormed(head.replace(UNPRINTABLE_BUT_NEWLINE, '')).trim(), maxLength)
}

/** The URL in canonical form if it is http or https, so that no `javascript:` link from outside is ever shown. */
export function webUrl(text: string): string | undefined {
  if (text.length > 2000) return undefined
  const url = urlIn(text)
  if (url === undefined) return undefined
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined
}

function urlIn(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  return `${wellFormed(text.slice(0, maxLength - 1)).replace(/\ufffd$/u, '')}…`
}

/** Half a surrogate pair becomes U+FFFD, as UTF-8 would make it: JSON can escape one, and no store or API accepts it. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}
