/** A host to connect to. */
export interface RedisHost {
  readonly host: string
  readonly port: number
}

/** Where Redis is, as REDIS_URL says it. */
export type RedisAddress = {
  readonly username?: string
  readonly password?: string
  readonly tls: boolean
} & (
  | { readonly kind: 'single'; readonly at: RedisHost; readonly db: number }
  | {
      readonly kind: 'sentinel'
      readonly sentinels: readonly RedisHost[]
      readonly master: string
      readonly db: number
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly RedisHost[] }
)

/** Shown where a URL cannot be read. */
export const REDIS_URL_FORMS =
  'redis://[user:password@]host[:6379][/db], redis+sentinel://[user:password@]host[:26379],…/master[/db] or ' +
  'redis+cluster://[user:password@]host[:6379],…; with rediss in place of redis for TLS'

const FORM = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/([^@?#]*))?$/
const DEFAULT_PORT = 6379
const DEFAULT_SENTINEL_PORT = 26_379

/** Reads REDIS_URL; returns what is wrong with it, in words that hold nothing of it, as it may hold a password. */
export function readRedisUrl(url: string): RedisAddress | string {
  const [, scheme, kind, login, hostList = '', path = ''] = FORM.exec(url) ?? []
  if (scheme === undefined)
    return `REDIS_URL cannot be read; expected ${REDIS_URL_FORMS}. Write @, / and : of a password as %40, %2F and %3A.`
  const credentials = readLogin(login)
  if (credentials === undefined)
    return 'The user or password in REDIS_URL is not percent-encoded; write % as %25, @ as %40, / as %2F and : as %3A.'
  const hosts = readHosts(hostList, kind === 'sentinel' ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT)
  if (hosts === undefined) return `A host in REDIS_URL cannot be read; expected ${REDIS_URL_FORMS}.`
  const common = { ...credentials, tls: scheme === 'rediss' }
  const segments = path.split('/').filter((segment) => segment !== '')
  if (kind === 'cluster') {
    if (segments.length > 0)
      return 'REDIS_URL names a database, but a Redis Cluster has only one. Leave out what follows the hosts.'
    return { ...common, kind: 'cluster', nodes: hosts }
  }
  const master = kind === 'sentinel' ? segments.shift() : undefined
  const db = readDatabase(segments)
  if (db === undefined) return 'The database in REDIS_URL is not a number from 0 to 9999.'
  if (kind === 'sentinel') {
    if (master === undefined)
      return 'REDIS_URL names Sentinels, but not their master; expected redis+sentinel://host:26379,…/master.'
    return { ...common, kind: 'sentinel', sentinels: hosts, master, db }
  }
  const [at, ...others] = hosts
  if (at === undefined || others.length > 0)
    return 'REDIS_URL names several hosts. Say which kind they are: redis+sentinel:// or redis+cluster://.'
  return { ...common, kind: 'single', at, db }
}

/** For texts: hosts and kind, never the login. */
export function redisName(address: RedisAddress): string {
  const list = (hosts: readonly RedisHost[]) => hosts.map(({ host, port }) => `${host}:${port}`).join(', ')
  if (address.kind === 'single') return `Redis at ${list([address.at])}`
  if (address.kind === 'cluster') return `the Redis Cluster at ${list(address.nodes)}`
  return `the Redis master ${address.master} of the Sentinels at ${list(address.sentinels)}`
}

function readLogin(login: string | undefined): Pick<RedisAddress, 'username' | 'password'> | undefined {
  if (login === undefined || login === '') return {}
  const colon = login.indexOf(':')
  try {
    const username = decodeURIComponent(colon < 0 ? login : login.slice(0, colon))
    const password = colon < 0 ? '' : decodeURIComponent(login.slice(colon + 1))
    return { ...(username !== '' && { username }), ...(password !== '' && { password }) }
  } catch {
    return undefined
  }
}

function readHosts(list: string, defaultPort: number): readonly RedisHost[] | undefined {
  const hosts = list.split(',').map((text): RedisHost | undefined => {
    const [, bracketed, plain, port] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text.trim()) ?? []
    const host = bracketed ?? plain
    const number = port === undefined ? defaultPort : Number(port)
    return host === undefined || number < 1 || number > 65_535 ? undefined : { host, port: number }
  })
  const good = hosts.filter((host) => host !== undefined)
  return good.length === hosts.length ? good : undefined
}

function readDatabase(segments: readonly string[]): number | undefined {
  const [db = '0', ...rest] = segments
  return rest.length === 0 && /^\d{1,4}$/.test(db) ? Number(db) : undefined
}
