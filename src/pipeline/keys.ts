/** Due keys: what is marked due in the store and woken by jobs. */
export const incidentKey = (id: string): string => `incident:${id}`
export const projectionKey = (id: string): string => `projection:${id}`

/** The part behind the prefix. */
export const idOfKey = (key: string): string => key.slice(key.indexOf(':') + 1)
/** One turn of an entry of `schedule:` or of the digest, by the moment of that turn. */
export const slotKey = (kind: 'schedule' | 'digest', name: string, slot: number): string =>
  `${kind}:${name}@${new Date(slot).toISOString()}`

/** Name and moment of a slot's key; undefined for what is none. */
export function slotOfKey(key: string): { readonly name: string; readonly slot: number } | undefined {
  const [, name, time] = /^[a-z]+:(.+)@([^@]+)$/.exec(key) ?? []
  const slot = Date.parse(time ?? '')
  return name === undefined || Number.isNaN(slot) ? undefined : { name, slot }
}
