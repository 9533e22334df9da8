import { type Document, LineCounter, parseDocument } from 'yaml'
import type { Path, Position, Problem } from './problem.ts'
import { MAXIMUM_DEPTH, nestingDepth } from './yaml-depth.ts'
import { offsetInScalar, offsetOf } from './yaml-position.ts'

/** Far above any catalogue written by hand; below what would stall a reload. */
const MAXIMUM_CHARACTERS = 512 * 1024
const MAXIMUM_VALUES = 50_000

/** YAML as plain values, and where each of them stands in the text. */
export interface YamlDocument {
  readonly file: string
  readonly value: unknown
  /** Where a value stands; where it is missing, the nearest thing around it. */
  locate(path: Path): Position
  /** Where the key of an entry stands. */
  locateKey(path: Path): Position
  /** Where a character of a text stands, `offset` counted from the beginning of the value. */
  locateIn(path: Path, offset: number): Position
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
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  })
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) {
    return {
      ok: false,
      problems: faults.slice(0, 50).map((fault) => ({
        file,
        ...position(lines, fault.pos[0]),
        path: '',
        message: `is not valid YAML: ${plainWords(fault.code, fault.message)}`,
      })),
    }
  }
  const expanded = expand(document)
  if ('message' in expanded) return whole(expanded.message)
  return { ok: true, document: locatable(file, text, expanded.value, document, lines) }
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

/** Aliases become shared values; those that contain themselves, or would unfold without end, are refused. */
function expand(document: Document): { readonly value: unknown } | { readonly message: string } {
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    // The yaml package throws ReferenceError for an alias without anchor and for too many expansions.
    return { message: `has an alias that cannot be used: ${error instanceof Error ? error.message : String(error)}` }
  }
  const open: unknown[] = [value]
  for (let visited = 0; open.length > 0; visited += 1) {
    if (visited > MAXIMUM_VALUES) {
      return { message: `unfolds to more than ${MAXIMUM_VALUES} values; check aliases (*name) that contain each other` }
    }
    const next = open.pop()
    if (typeof next === 'object' && next !== null) for (const inner of Object.values(next)) open.push(inner)
  }
  return { value }
}

function position(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

function plainWords(code: string, message: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'this key is already there, further up in the same mapping'
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
