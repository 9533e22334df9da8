import { createHash } from 'node:crypto'

/** A Lua script, which Redis knows by its hash once it has seen it. */
export interface Script {
  readonly lua: string
  readonly sha: string
}

/** Scripts are atomic: nothing else happens in Redis while one runs. All keys of one must share a hash tag, as a Cluster demands. */
export function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}
