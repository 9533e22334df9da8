import { pointer } from './problems.ts'

/** A file as blocks see it. */
export type FileState = 'ready' | 'processing' | 'missing'

type Fields = Readonly<Record<string, unknown>>
interface Node {
  readonly path: readonly PropertyKey[]
  readonly fields: Fields
}

/** Rules that span several parts: unique ids, existing files, one focus, one table. Blocks must have passed their schema. */
export function crossProblems(
  blocks: readonly unknown[],
  root: string,
  fileState: (idOrUrl: string) => FileState,
): readonly string[] {
  const nodes = blocks.flatMap((block, index) => objectsIn(block, [index]))
  const tops = nodes.filter(({ path }) => path.length === 1)
  return [
    ...repeated(tops, 'block_id', root),
    ...tops.flatMap(({ path, fields }) => repeated(objectsIn(fields, path), 'action_id', root)),
    ...onlyOne(nodes, ({ fields }) => fields.focus_on_load === true, 'only one element can have focus_on_load', root),
    ...onlyOne(tops, ({ fields }) => fields.type === 'table', 'only one table is allowed per message', root),
    ...nodes.flatMap((node) => fileProblems(node, root, fileState)),
  ]
}

function objectsIn(value: unknown, path: readonly PropertyKey[]): readonly Node[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => objectsIn(item, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  // Checked above: an object from JSON.
  const fields = value as Fields
  return [{ path, fields }, ...Object.entries(fields).flatMap(([key, child]) => objectsIn(child, [...path, key]))]
}

function repeated(nodes: readonly Node[], name: 'block_id' | 'action_id', root: string): readonly string[] {
  const seen = new Set<unknown>()
  return nodes.flatMap(({ path, fields }) => {
    const id = fields[name]
    if (typeof id !== 'string') return []
    if (seen.has(id)) return [`\`${name}\` already exists: ${id} ${pointer(root, [...path, name])}`]
    seen.add(id)
    return []
  })
}

function onlyOne(
  nodes: readonly Node[],
  is: (node: Node) => boolean,
  message: string,
  root: string,
): readonly string[] {
  return nodes
    .filter(is)
    .slice(1)
    .map(({ path }) => `${message} ${pointer(root, path)}`)
}

function fileProblems({ path, fields }: Node, root: string, fileState: (id: string) => FileState): readonly string[] {
  const file = fields.slack_file
  if (typeof file !== 'object' || file === null) return []
  // The schema allows exactly an id or a url here.
  const { id, url } = file as { readonly id?: string; readonly url?: string }
  const state = fileState(id ?? url ?? '')
  if (state === 'ready') return []
  const why = state === 'missing' ? 'slack file does not exist' : 'slack file is still being processed'
  return [`invalid slack file: ${why} ${pointer(root, [...path, 'slack_file'])}`]
}
