/** Due keys: what is marked due in the store and woken by jobs. */
export const incidentKey = (id: string): string => `incident:${id}`
export const projectionKey = (id: string): string => `projection:${id}`

/** The part behind the prefix. */
export const idOfKey = (key: string): string => key.slice(key.indexOf(':') + 1)
