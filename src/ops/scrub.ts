/** Takes secrets out of what is logged or shown. */
export interface Scrub {
  readonly text: (text: string) => string
  /** A line of JSON, which stays one. */
  readonly line: (line: string) => string
}

const HIDDEN = '[secret]'

/** Names under which only secrets stand. */
const SECRET_NAME =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|x-slack-signature|x-pagerduty-signature|.*(?:secret|password|passwd|token|api[-_]?key))$/i
/** A line without any of these has neither such a name nor such a look. */
const SUSPECT = /authorization|cookie|signature|secret|passw|token|api[-_]?key|bearer|xox|xapp|hooks\.slack|@/i
/** Secrets that are known by their look. Lengths are bounded, so that no text makes the search slow. */
const SECRET_LOOK = [
  /\bx(?:ox[a-z]|app)-[\w-]{8,}/g,
  /(?<=\bBearer\s{1,3})[\w.~+/=-]{8,}/gi,
  /(?<=\btoken=)[^\s"'&]{4,}/gi,
  /(?<=\bhttps?:\/\/[^\s/@:]{0,100}:)[^\s/@]{1,200}(?=@)/gi,
  /(?<=hooks\.slack\.com\/)[\w/-]+/g,
]

/**
 * Hides every occurrence of `secrets`, as they are, percent-encoded, or as JSON inside a text; in a line also whatever stands under a
 * telling name; and whatever looks like a credential of the systems that incbot talks to.
 */
export function createScrub(secrets: readonly string[]): Scrub {
  const values = spellingsOf(secrets)
  const inJson = values.map(escaped)

  const clean = (text: string): string => {
    const known = values.reduce((rest, value) => rest.replaceAll(value, HIDDEN), text)
    return SUSPECT.test(known) ? SECRET_LOOK.reduce((rest, look) => rest.replace(look, HIDDEN), known) : known
  }

  return {
    text: clean,
    line(line) {
      if (!SUSPECT.test(line) && !inJson.some((value) => line.includes(value))) return line
      try {
        return `${JSON.stringify(walk(JSON.parse(line), clean))}\n`
      } catch {
        // Whatever it is, logging it must neither throw nor tell.
        return clean(line)
      }
    },
  }
}

/** The longest first: one secret may be a part of another. */
function spellingsOf(secrets: readonly string[]): readonly string[] {
  const given = secrets.filter((secret) => secret !== '')
  const all = given.flatMap((one) => [one, encodeURIComponent(Buffer.from(one).toString()), escaped(one)])
  return [...new Set(all)].toSorted((left, right) => right.length - left.length)
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
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
