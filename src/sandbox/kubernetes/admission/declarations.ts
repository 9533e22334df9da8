/** What an expression may name, by its path, and the type of it; `object` is something whose fields are all declared here too. */
export type Declarations = ReadonlyMap<string, string>

const GROUP_VERSION_KIND = { group: 'string', version: 'string', kind: 'string' }
const GROUP_VERSION_RESOURCE = { group: 'string', version: 'string', resource: 'string' }

type Shape = { readonly [name: string]: string | Shape }

const REQUEST: Shape = {
  kind: GROUP_VERSION_KIND,
  resource: GROUP_VERSION_RESOURCE,
  subResource: 'string',
  requestKind: GROUP_VERSION_KIND,
  requestResource: GROUP_VERSION_RESOURCE,
  requestSubResource: 'string',
  name: 'string',
  namespace: 'string',
  operation: 'string',
  userInfo: { username: 'string', uid: 'string', groups: 'list', extra: 'map' },
  dryRun: 'bool',
  options: 'dyn',
}

/** What every expression of a policy may name. */
export function declarations({ params }: { readonly params: boolean }): Declarations {
  const shape = {
    object: 'dyn',
    oldObject: 'dyn',
    namespaceObject: 'dyn',
    request: REQUEST,
    ...(params && { params: 'dyn' }),
  }
  return new Map(flat(shape, ''))
}

/** The same, and variables: those that were defined so far, with their types. */
export function withVariables(known: Declarations, variables: ReadonlyMap<string, string>): Declarations {
  const named = [...variables].map(([name, type]): [string, string] => [`variables.${name}`, type])
  return new Map([...known, ['variables', 'object'], ...named])
}

function flat(shape: Shape, path: string): [string, string][] {
  return Object.entries(shape).flatMap(([name, type]): [string, string][] =>
    typeof type === 'string'
      ? [[`${path}${name}`, type]]
      : [[`${path}${name}`, 'object'], ...flat(type, `${path}${name}.`)],
  )
}
