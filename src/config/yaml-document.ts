import { type Document, LineCounter, parseDocument } from 'yaml'
import type { Path, Position, Problem } from './problem.ts'
import { MAXIMUM_DEPTH, nestingDepth } from './yaml-depth.ts'
import { yamlFaults } from './yaml-faults.ts'
import { offsetInScalar, offsetOf } from './yaml-position.ts'

/** Far above any catalogue written by hand; below what would stall a reload. */
const MAXIMUM_CHARACTERS = 256 * 1024
const MAXIMUM_VALUES = 50_000
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
export function parseYaml(file: string, text: string): ParsedYaml {
  const whole = (message: string): ParsedYaml => ({
    ok: false,
    problems: [{ file, line: 1, column: 1, path: '', message }],
  })
  if (text.length > MAXIMUM_CHARACTERS) {
    return whole(`has ${text.length} characters; at most ${MAXIMUM_CHARACTERS} are read`)
  }
  // The yaml package composes recursively, and V8 aborts the process when its stack ends inside a regular expression.
  if (nestingDepth(text) > MAXIMUM_DEPTH) return whole(`is nested more than ${MAXIMUM_DEPTH} levels deep`)
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  })
  const fault = (offset: number, what: string): Problem => ({
    file,
    ...position(lines, offset),
    path: '',
    message: `is not valid YAML: ${what}`,
  })
  const problems = [
    ...[...document.errors, ...document.warnings].map((one) => fault(one.pos[0], plainWords(one.code, one.message))),
    ...yamlFaults(document).map((one) => fault(one.offset, one.message)),
  ]
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, MOST_FAULTS) }
  // Aliases become shared values, so this takes no more memory than the text; walking through the value might.
  const value: unknown = document.toJS({ maxAliasCount: -1 })
  if (unfoldsTooFar(value)) {
    return whole(`unfolds to more than ${MAXIMUM_VALUES} values; check aliases (*name) that contain each other`)
  }
  return { ok: true, document: locatable(file, text, value, document, lines) }
}

function locatable(file: string, text: string, value: unknown, document: Document, lines: LineCounter): YamlDocument {
  return {
    file,
    value,
    locate: (path) => position(lines, offsetOf(document, path, 'value')),
    locateKey: (path) => position(lines, offsetOf(document, path, 'key')),
    locateIn: (path, offset) => position(lines, offsetInScalar(document, text, path, offset)),
  }
}

function unfoldsTooFar(value: unknown): boolean {
  const open: unknown[] = [value]
  for (let visited = 0; open.length > 0; visited += 1) {
    if (visited > MAXIMUM_VALUES) return true
    const next = open.pop()
    if (typeof next === 'object' && next !== null) for (const inner of Object.values(next)) open.push(inner)
  }
  return false
}

function position(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

function plainWords(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'indentation is by spaces, not by tabs'
    case 'TAG_RESOLVE_FAILED':
      return `${message.replace('Unresolved tag: ', 'the tag ')} is not allowed here`
    case 'MULTIPLE_DOCS':
      return 'there is a second document (---); write one file for each'
    case 'NON_STRING_KEY':
      return 'a key must be plain text'
    default:
      return message.split('\n')[0] ?? message
  }
}
