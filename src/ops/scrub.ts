/** Takes secrets out of one line of JSON; the line stays JSON. */
export type Scrub = (line: string) => string

const HIDDEN = '[secret]'

/** Names under which only secrets stand. */
const SECRET_NAME =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|x-slack-signature|x-pagerduty-signature|.*(?:secret|password|passwd|token|api[-_]?key))$/i
/** The same, and secrets that are known by their own look, wherever they stand in a line. */
const SUSPECT = /authorization|cookie|signature|secret|passw|token|api[-_]?key|bearer|xox|xapp|hooks\.slack/i
const SECRET_LOOK = [
  /\bx(?:ox[a-z]|app)-[\w-]{8,}/g,
  /(?<=\bBearer\s+)[\w.~+/=-]{8,}/gi,
  /(?<=\btoken=)[^\s"'&]{4,}/gi,
  /(?<=\bhttps?:\/\/[^\s/@:]*:)[^\s/@]+(?=@)/gi,
  /(?<=hooks\.slack\.com\/)[\w/-]+/g,
]

/**
 * Hides every occurrence of `secrets`, as they are or percent-encoded, whatever stands under a telling name, and whatever looks like a
 * credential of the systems that incbot talks to.
 */
export function createScrub(secrets: readonly string[]): Scrub {
  const spellings = secrets.filter((secret) => secret !== '').flatMap((one) => [one, encodeURIComponent(one)])
  // The longest first: one secret may be a part of another.
  const values = [...new Set(spellings)].toSorted((left, right) => right.length - left.length)
  const inJson = values.map((value) => JSON.stringify(value).slice(1, -1))

  const clean = (text: string): string => {
    const known = values.reduce((rest, value) => rest.replaceAll(value, HIDDEN), text)
    return SUSPECT.test(known) || known.includes('@')
      ? SECRET_LOOK.reduce((rest, look) => rest.replace(look, HIDDEN), known)
      : known
  }

  return (line) => {
    if (!SUSPECT.test(line) && !line.includes('@') && !inJson.some((value) => line.includes(value))) return line
    try {
      return `${JSON.stringify(walk(JSON.parse(line), clean))}\n`
    } catch {
      return clean(line)
    }
  }
}

function walk(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return clean(value)
  if (typeof value === 'number') return clean(String(value)) === String(value) ? value : HIDDEN
  if (Array.isArray(value)) return value.map((one) => walk(one, clean))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, inner]) => [
    clean(name),
    SECRET_NAME.test(name) && typeof inner !== 'boolean' ? HIDDEN : walk(inner, clean),
  ])
  return Object.fromEntries(entries)
}
