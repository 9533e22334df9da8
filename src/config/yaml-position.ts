import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'
import type { Path } from './problem.ts'

/** Offset in the text of the value (or key) at `path`; of the nearest thing around it where the document has none. */
export function offsetOf(document: Document, path: Path, part: 'key' | 'value'): number {
  let offset = 0
  let node = document.contents as Node | null // what a parsed, uncreated document holds
  for (const [depth, step] of path.entries()) {
    const found = entry(document, node, step)
    if (found === undefined) return offset
    const isLast = depth === path.length - 1
    if (found.key !== undefined) offset = start(found.key, offset)
    // A mapping begins where its first key stands; the key that leads to it is the better place to point at.
    if (!(isLast && part === 'key') && !isCollection(found.value)) offset = start(found.value, offset)
    if (found.key === undefined) offset = start(found.value, offset)
    node = found.value
  }
  return offset
}

/**
 * Offset in the text of the character at `offset` of the text value at `path`. Folding, indentation and quoting change nothing but
 * spaces, line ends and backslashes, so the two are walked side by side; where they part, the value's beginning is the answer.
 */
export function offsetInScalar(document: Document, text: string, path: Path, offset: number): number {
  const beginning = offsetOf(document, path, 'value')
  const node = nodeAt(document, path)
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return beginning
  let source = node.range[0]
  if (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL') source = text.indexOf('\n', source) + 1
  else if (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE') source += 1
  const skipped = node.type === 'QUOTE_DOUBLE' ? /[\s\\]/ : /\s/
  for (let index = 0; ; index += 1) {
    const wanted = node.value[index]
    if (wanted !== undefined && /\s/.test(wanted)) {
      if (index >= offset) return source
      continue
    }
    while (source < node.range[1] && skipped.test(text[source] ?? '')) source += 1
    if (index >= offset || wanted === undefined) return Math.min(source, node.range[1])
    if (text[source] !== wanted) return beginning
    source += 1
    if (wanted === "'" && node.type === 'QUOTE_SINGLE') source += 1
  }
}

interface Entry {
  readonly key?: Node
  readonly value: Node | null
}

function entry(document: Document, node: Node | null, step: string | number): Entry | undefined {
  const target = isAlias(node) ? node.resolve(document) : node
  if (isSeq(target)) {
    const value = target.items[Number(step)]
    return value === undefined ? undefined : { value: value as Node } // items of a parsed sequence are nodes
  }
  if (!isMap(target)) return undefined
  const pairs = target.items as Pair<Node, Node | null>[] // as above
  const pair = pairs.find(({ key }) => isScalar(key) && String(key.value) === String(step))
  return pair === undefined ? undefined : { key: pair.key, value: pair.value }
}

function nodeAt(document: Document, path: Path): Node | null | undefined {
  let node: Node | null | undefined = document.contents as Node | null // as above
  for (const step of path) node = entry(document, node ?? null, step)?.value
  return isAlias(node) ? node.resolve(document) : node
}

function isCollection(node: Node | null): boolean {
  return isMap(node) || isSeq(node)
}

function start(node: Node | null, otherwise: number): number {
  return node?.range?.[0] ?? otherwise
}
