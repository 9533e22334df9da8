import { type Holder, match, put, readValue, set } from './plain-value.ts'
import { MAXIMUM_DEPTH } from './yaml-depth.ts'

/** A mapping or list whose keys or dashes stand at one indentation. */
interface Level {
  readonly indent: number
  readonly holder: Holder
  /** The last of its keys, where no value stood behind it: deeper lines are its value. */
  open: string | number | undefined
}

/** A longer one is left to the whole parser, so that no expression has far to go back. */
const LONGEST_LINE = 4_096
const UNUSUAL = /[^\n -~\u00a1-\u2027\u2030-\ud7ff\ue000-\ufefe]/
const EMPTY = / *(?:$|#)/y
const INDENT = / */y
const DASH = /-(?: +|$)/y
const KEY = /(\w[\w./-]{0,200}):(?: +|$)/y
const NOTHING = /(?:$|#)/y

/**
 * Reads YAML as programs write it and as our example is written: mappings and lists in lines, each value on one line. Fast, because it notes no
 * positions: ten thousand services cost the whole parser seconds. Undefined for all else, mistakes among it: the whole parser has the word then.
 */
export function readPlainYaml(text: string): { readonly value: unknown } | undefined {
  if (UNUSUAL.test(text)) return undefined
  const document: unknown[] = []
  const levels: Level[] = [{ indent: -1, holder: document, open: 0 }]
  for (const line of text.replace(/^---\n/, '').split('\n')) {
    if (match(EMPTY, line, 0) !== undefined) continue
    if (line.length > LONGEST_LINE || levels.length > MAXIMUM_DEPTH || !readLine(levels, line)) return undefined
  }
  return document.length === 0 ? undefined : { value: document[0] }
}

/** False where the line is none that could be read. */
function readLine(levels: Level[], line: string): boolean {
  const indent = match(INDENT, line, 0)?.[0].length ?? 0
  const dash = match(DASH, line, indent)?.[0]
  const level = levelAt(levels, indent, dash !== undefined)
  if (level === undefined) return false
  if (!Array.isArray(level.holder)) return readEntry(level, line, indent)
  const at = indent + (dash?.length ?? 0)
  if (match(KEY, line, at) === undefined) return readInto(level, level.holder.length, line, at)
  level.open = level.holder.length
  return readEntry(opened(levels, level, at, {}), line, at)
}

/** The level that a line belongs to: the one that begins with it, or one whose indentation it has. */
function levelAt(levels: Level[], indent: number, isItem: boolean): Level | undefined {
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const isList = Array.isArray(level.holder)
    // Items need not stand deeper than the key that they belong to.
    const isBelow = indent > level.indent || (indent === level.indent && isItem && !isList)
    if (isBelow) return level.open === undefined ? undefined : opened(levels, level, indent, isItem ? [] : {})
    if (indent === level.indent && isItem === isList) return level
    levels.pop()
  }
  return undefined
}

/** Begins the value of the key that is open. */
function opened(levels: Level[], outer: Level, indent: number, holder: Holder): Level {
  if (outer.open !== undefined) set(outer.holder, outer.open, holder)
  outer.open = undefined
  const level = { indent, holder, open: undefined }
  levels.push(level)
  return level
}

function readEntry(level: Level, line: string, at: number): boolean {
  const key = match(KEY, line, at)
  return key?.[1] !== undefined && readInto(level, key[1], line, at + key[0].length)
}

function readInto(level: Level, key: string | number, line: string, at: number): boolean {
  const isOpen = match(NOTHING, line, at) !== undefined
  const value = isOpen ? { value: null } : readValue(line, at)
  level.open = isOpen ? key : undefined
  return value !== undefined && put(level.holder, key, value.value)
}
