import { type Document, isAlias, isMap, isNode, isScalar, visit, type YAMLMap } from 'yaml'

/** What is wrong with a document that composes, and at which offset of the text. */
interface YamlFault {
  readonly offset: number
  readonly message: string
}

/** The yaml package looks every alias up by walking the document. */
const MOST_ALIASES = 2000

/** Keys that stand twice in a mapping (the yaml package's own search is quadratic) or cannot be used, aliases of nothing, too many aliases. */
export function yamlFaults(document: Document): YamlFault[] {
  const faults: YamlFault[] = []
  const anchors = new Set<string>()
  let aliases = 0
  visit(document, (_key, node) => {
    if (isAlias(node)) {
      aliases += 1
      if (!anchors.has(node.source)) {
        faults.push({ offset: node.range?.[0] ?? 0, message: `no &${node.source} stands before *${node.source}` })
      }
    } else if (isNode(node) && 'anchor' in node && node.anchor !== undefined) anchors.add(node.anchor)
    if (isMap(node)) faults.push(...keyFaults(node))
  })
  if (aliases > MOST_ALIASES)
    faults.push({ offset: 0, message: `it has ${aliases} aliases (*name); at most ${MOST_ALIASES}` })
  return faults
}

function keyFaults({ items }: YAMLMap): YamlFault[] {
  const seen = new Set<unknown>()
  return items.flatMap(({ key }) => {
    if (!isScalar(key)) return []
    const offset = key.range?.[0] ?? 0
    const isNew = !seen.has(key.value)
    seen.add(key.value)
    if (!isNew) return [{ offset, message: 'this key is already there, further up in the same mapping' }]
    // Schemas skip it without a word, and code that copies key by key would change an object's prototype.
    return key.value === '__proto__' ? [{ offset, message: '__proto__ cannot be used as a key' }] : []
  })
}
