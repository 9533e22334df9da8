import { Composer, type Document, LineCounter, Parser } from 'yaml'
import type { Position } from './problem.ts'
import { MAXIMUM_DEPTH, nestingDepth } from './yaml-depth.ts'
import { yamlFaults } from './yaml-faults.ts'

/** A parsed text that knows where everything in it stands. */
export interface ComposedYaml {
  readonly document: Document
  readonly lines: LineCounter
  /** In words for people, with offsets. */
  readonly faults: readonly { readonly offset: number; readonly message: string }[]
}

/** What the text is made of, or why it is not looked into at all. */
export function composeYaml(text: string): ComposedYaml | string {
  const lines = new LineCounter()
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  // The yaml package composes recursively, and V8 aborts the process when its stack ends inside a regular expression.
  if (nestingDepth(tokens) > MAXIMUM_DEPTH) return `is nested more than ${MAXIMUM_DEPTH} levels deep`
  const composer = new Composer({
    lineCounter: lines,
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  })
  const [document, another] = [...composer.compose(tokens, true, text.length)]
  if (document === undefined) return 'holds no document'
  const faults = [
    ...[...document.errors, ...document.warnings].map(({ pos, code, message }) => ({
      offset: pos[0],
      message: plainWords(code, message),
    })),
    ...yamlFaults(document),
    ...(another === undefined ? [] : [{ offset: another.range[0], message: plainWords('MULTIPLE_DOCS', '') }]),
  ]
  return { document, lines, faults }
}

export function position({ lines }: ComposedYaml, offset: number): Position {
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
