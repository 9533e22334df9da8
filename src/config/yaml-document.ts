import type { Document } from 'yaml'
import { readPlainYaml } from './plain-yaml.ts'
import type { Path, Position, Problem } from './problem.ts'
import { type ComposedYaml, composeYaml, position } from './yaml-composed.ts'
import { offsetInScalar, offsetOf } from './yaml-position.ts'

export interface YamlLimits {
  readonly characters: number
  /** Once all aliases are unfolded. */
  readonly values: number
}

/** Far above anything written by hand; below what would stall a reload. */
const WRITTEN_BY_HAND: YamlLimits = { characters: 256 * 1024, values: 50_000 }
/** More would only hide the first. */
const MOST_FAULTS = 50

/** YAML as plain values, and where each of them stands in the text. */
export interface YamlDocument {
  readonly file: string
  readonly value: unknown
  /** Where a value stands; where it is missing, the nearest thing around it. */
  readonly locate: (path: Path) => Position
  /** Where the key of an entry stands. */
  readonly locateKey: (path: Path) => Position
  /** Where a character of a text stands, `offset` counted from the beginning of the value. */
  readonly locateIn: (path: Path, offset: number) => Position
}

export type ParsedYaml =
  | { readonly ok: true; readonly document: YamlDocument }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Parses YAML 1.2 (core schema) written by people: one document, string keys, no duplicates, no custom tags, no merge keys.
 * Bounded in size, depth and alias expansion, so that no text can exhaust memory or the stack. Never throws.
 */
export function parseYaml(file: string, text: string, limits: YamlLimits = WRITTEN_BY_HAND): ParsedYaml {
  const whole = (message: string): ParsedYaml => ({
    ok: false,
    problems: [{ file, line: 1, column: 1, path: '', message }],
  })
  if (text.length > limits.characters) {
    return whole(`has ${text.length} characters; at most ${limits.characters} are read`)
  }
  const readable = (value: unknown, compose: () => ComposedYaml | string): ParsedYaml =>
    unfoldsTooFar(value, limits.values)
      ? whole(`unfolds to more than ${limits.values} values; check aliases (*name) that contain each other`)
      : { ok: true, document: locatable(file, text, value, compose) }
  const plain = readPlainYaml(text)
  // Where things stand is asked only once something is wrong.
  if (plain !== undefined) return readable(plain.value, () => composeYaml(text))
  const composed = composeYaml(text)
  if (typeof composed === 'string') return whole(composed)
  const problems = composed.faults.slice(0, MOST_FAULTS).map(({ offset, message }) => ({
    file,
    ...position(composed, offset),
    path: '',
    message: `is not valid YAML: ${message}`,
  }))
  if (problems.length > 0) return { ok: false, problems }
  // Aliases become shared values, so this takes no more memory than the text; walking through the value might.
  return readable(composed.document.toJS({ maxAliasCount: -1 }), () => composed)
}

function locatable(file: string, text: string, value: unknown, compose: () => ComposedYaml | string): YamlDocument {
  let composed: ComposedYaml | string | undefined
  const place = (offset: (document: Document) => number): Position => {
    composed ??= compose()
    // What was read in the plain way can be composed too.
    return typeof composed === 'string' ? { line: 1, column: 1 } : position(composed, offset(composed.document))
  }
  return {
    file,
    value,
    locate: (path) => place((document) => offsetOf(document, path, 'value')),
    locateKey: (path) => place((document) => offsetOf(document, path, 'key')),
    locateIn: (path, offset) => place((document) => offsetInScalar(document, text, path, offset)),
  }
}

function unfoldsTooFar(value: unknown, most: number): boolean {
  const open: unknown[] = [value]
  for (let visited = 0; open.length > 0; visited += 1) {
    if (visited > most) return true
    const next = open.pop()
    if (typeof next === 'object' && next !== null) for (const inner of Object.values(next)) open.push(inner)
  }
  return false
}
