import { type RedisAddress, readRedisUrl } from './redis-url.ts'
import type { ReadFile } from './secrets.ts'

/** The Redis that keeps the records in place of the data directory. */
export interface RedisEnvironment {
  readonly address: RedisAddress
  /** Hash tag of all keys. */
  readonly prefix: string
  /** PEM of who signed the server's certificate, where it was given. */
  readonly tlsCa?: string
  /** No log may hold these. */
  readonly secrets: readonly string[]
}

export interface RedisVariables {
  readonly url: string | undefined
  readonly prefix: string
  /** A path. */
  readonly tlsCa: string | undefined
}

/** Undefined where no Redis is configured, or where something is wrong with it, which `problems` then says. */
export function readRedisEnvironment(
  { url, prefix, tlsCa }: RedisVariables,
  readFile: ReadFile,
  problems: string[],
): RedisEnvironment | undefined {
  if (url === undefined) {
    if (tlsCa !== undefined) problems.push('REDIS_TLS_CA is set, but REDIS_URL is not. Unset it, or set both.')
    return undefined
  }
  const address = readRedisUrl(url)
  const ca = tlsCa === undefined ? undefined : readCertificates(tlsCa, readFile)
  const found = [
    ...(typeof address === 'string' ? [address] : []),
    ...(ca?.problem === undefined ? [] : [ca.problem]),
    ...(/^[A-Za-z0-9][\w.-]{0,39}$/.test(prefix)
      ? []
      : [
          'REDIS_PREFIX may have letters, digits, dots, dashes and underscores, 40 at most, and begins with a letter or digit.',
        ]),
  ]
  problems.push(...found)
  if (typeof address === 'string' || found.length > 0) return undefined
  if (!address.tls && ca !== undefined) {
    problems.push(
      'REDIS_TLS_CA is set, but REDIS_URL asks for no TLS. Write rediss in place of redis there, or unset it.',
    )
    return undefined
  }
  const { password } = address
  const login = /\/\/([^@/]*)@/.exec(url)?.[1]
  return {
    address,
    prefix,
    ...(ca?.text !== undefined && { tlsCa: ca.text }),
    secrets: [password, login].filter((secret) => secret !== undefined),
  }
}

function readCertificates(path: string, readFile: ReadFile): { readonly text?: string; readonly problem?: string } {
  try {
    const text = readFile(path)
    if (text.includes('-----BEGIN CERTIFICATE-----')) return { text }
    return { problem: `REDIS_TLS_CA points at ${path}, in which there is no certificate (PEM).` }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    return { problem: `REDIS_TLS_CA points at ${path}, which cannot be read (${code}).` }
  }
}
