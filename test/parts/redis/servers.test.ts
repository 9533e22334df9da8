import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { openRedisClients } from '../../../src/redis/clients.ts'
import { redisConnection } from '../../../src/redis/connection.ts'
import type { Safekeeping } from '../../../src/redis/server-check.ts'
import { openRedisStore } from '../../../src/store/redis/open.ts'
import { migrate } from '../../../src/store/redis/schema.ts'
import type { Store } from '../../../src/store/store.ts'
import { aCommit, aDelivery, aFreeze, anEntry, anEvent, arrive, NOW } from '../../contract/records.ts'
import { leased } from '../../contract/store/harness.ts'
import { startRealRedis } from './real-redis.ts'
import { ask } from './redis-groups.ts'
import { addressOf, answering, openStoreAt } from './temporary-redis-store.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function server(config: Readonly<Record<string, string>>) {
  const redis = await startRealRedis({ config })
  cleanups.push(redis.stop)
  return redis
}

function open(url: string, tlsCa?: string): { readonly store: Store; readonly safekeeping: readonly Safekeeping[] } {
  const safekeeping: Safekeeping[] = []
  const clients = openRedisClients({ address: addressOf(url), ...(tlsCa !== undefined && { tlsCa }) }, () => {})
  const store = openRedisStore({ clients, prefix: 'incbot', onSafekeeping: (one) => safekeeping.push(one) })
  cleanups.push(() => store.close())
  return { store, safekeeping }
}

/** Why the store cannot be used, once that is for a reason other than that it is not connected yet. */
async function refusal(store: Store): Promise<unknown> {
  const deadline = Date.now() + 5_000
  for (;;) {
    const error: unknown = await store.probe().catch((reason: unknown) => reason)
    if (Date.now() > deadline || (error as { problem?: string } | undefined)?.problem !== 'unavailable') return error
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('the Redis store', () => {
  it('refuses a server that throws records away', async () => {
    const redis = await server({ maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' })
    expect(await refusal(open(redis.url).store)).toMatchObject({ problem: 'misconfigured' })
    expect(await ask(redis.port, 'dbsize')).toBe('0')
  })

  it('says that a server is full, and goes on when it has room', async () => {
    const redis = await server({ maxmemory: '100mb' })
    const { store } = open(redis.url)
    await answering(store)
    await ask(redis.port, 'config', 'set', 'maxmemory', '1')
    const full = { problem: 'unavailable', message: expect.stringContaining('is full') }
    await expect(arrive(store, 'pd-Q1', anEvent(), ['k'], NOW)).rejects.toMatchObject(full)
    await ask(redis.port, 'config', 'set', 'maxmemory', '0')
    expect(await arrive(store, 'pd-Q1', anEvent(), ['k'], NOW)).toBe('stored')
  })

  it('says once how safe the records are', async () => {
    const redis = await server({ appendonly: 'no', save: '' })
    const { store, safekeeping } = open(redis.url)
    await answering(store)
    await store.probe()
    expect(safekeeping).toEqual([{ level: 'error', text: expect.stringContaining('loses everything') }])
  })

  it('refuses records of a later incbot and a key that is not its own, and leaves both', async () => {
    const redis = await server({})
    await ask(redis.port, 'set', '{incbot}:store:schema', '1000')
    const newer = { problem: 'newer-schema', message: expect.stringContaining('version 1000') }
    expect(await refusal(open(redis.url).store)).toMatchObject(newer)
    await ask(redis.port, 'set', '{incbot}:store:schema', 'mine')
    expect(await refusal(open(redis.url).store)).toMatchObject({ problem: 'not-a-store' })
    expect(await ask(redis.port, 'get', '{incbot}:store:schema')).toBe('mine')
  })

  it('brings the layout forward, each step once, whoever else does', async () => {
    const redis = await server({})
    const steps = ["redis.call('INCR', '{m}:one')", "redis.call('INCR', '{m}:two')"]
    const clients = openRedisClients({ address: addressOf(redis.url) }, () => {})
    const connection = redisConnection(clients, '{m}:schema')
    cleanups.push(async () => {
      connection.stop()
      clients.close()
    })
    await answering(open(redis.url).store)
    await migrate(connection, { schema: '{m}:schema' }, steps.slice(0, 1))
    await Promise.all([1, 2, 3].map(() => migrate(connection, { schema: '{m}:schema' }, steps)))
    expect(await ask(redis.port, 'mget', '{m}:one', '{m}:two', '{m}:schema')).toBe('1\n1\n2')
    await expect(migrate(connection, { schema: '{m}:schema' }, steps.slice(0, 1))).rejects.toMatchObject({
      problem: 'newer-schema',
    })
  })

  it.each([
    ['a wrong password', 'redis://:wrong@', 'refuses the login'],
    ['no password', 'redis://', 'wants a login'],
  ])('refuses %s, and says so', async (_what, login, text) => {
    const redis = await server({ requirepass: 'right' })
    const error = await refusal(open(redis.url.replace('redis://', login)).store)
    expect(error).toMatchObject({ problem: 'misconfigured', message: expect.stringContaining(text) })
  })

  it('needs no more rights than the documentation gives it', async () => {
    const redis = await server({})
    const rights = /`(~\{incbot\}:\* [^`]+)`/.exec(readFileSync('docs/operations.md', 'utf8'))?.[1]?.split(' ') ?? []
    expect(rights.length).toBeGreaterThan(3)
    await ask(redis.port, 'acl', 'setuser', 'incbot', 'on', '>secret', ...rights)
    await ask(redis.port, 'acl', 'setuser', 'default', 'off')
    const { store, safekeeping } = open(redis.url.replace('redis://', 'redis://incbot:secret@'))
    await answering(store)
    expect(safekeeping).toEqual([{ level: 'warn', text: expect.stringContaining('everysec') }])
    await arrive(store, 'pd-Q1', anEvent(), ['k'], NOW)
    await store.commit(aCommit(await leased(store), { timeline: [anEntry()], due: [{ key: 'a', at: NOW }] }))
    await store.saveDelivery(aDelivery())
    await store.addFreeze(aFreeze())
    expect(await store.incidents({ limit: 10 })).toHaveLength(1)
    expect(await store.due(NOW, 10)).toHaveLength(2)
    expect(await store.activeFreezes(NOW)).toHaveLength(1)
    expect(await store.forgetKeys(NOW + 1)).toBe(1)
  })

  it('does without being allowed to ask for settings', async () => {
    const redis = await server({})
    await ask(redis.port, 'acl', 'setuser', 'default', '-config')
    const { store, safekeeping } = open(redis.url)
    await answering(store)
    expect(safekeeping).toEqual([{ level: 'warn', text: expect.stringContaining('not known') }])
  })

  it('keeps apart what has another prefix', async () => {
    const redis = await server({})
    const one = openStoreAt(redis.url, 'one')
    const two = openStoreAt(redis.url, 'two')
    cleanups.push(one.close, two.close)
    await answering(one)
    await answering(two)
    await arrive(one, 'pd-Q1', anEvent(), ['k'], NOW)
    expect(await arrive(two, 'pd-Q1', anEvent(), ['k'], NOW)).toBe('stored')
    expect(await ask(redis.port, 'keys', '*')).not.toMatch(/^(?!\{(one|two)\}:store:)/m)
  })

  it('speaks TLS, to a server whose certificate is signed by whom it was told', async () => {
    const home = await server({})
    const [key, certificate] = ['key.pem', 'cert.pem'].map((name) => join(home.folder, name))
    if (key === undefined || certificate === undefined) throw new Error('There are no paths')
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2']
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    execFileSync('openssl', [...request, ...subject], { stdio: 'pipe' })
    for (const [name, value] of [
      ['tls-cert-file', certificate],
      ['tls-key-file', key],
      ['tls-ca-cert-file', certificate],
      ['tls-auth-clients', 'no'],
    ] as const)
      expect(await ask(home.port, 'config', 'set', name, value)).toBe('OK')
    const tlsPort = await listeningWithTls(home.port)
    const url = `rediss://127.0.0.1:${tlsPort}`
    const { store } = open(url, readFileSync(certificate, 'utf8'))
    await answering(store)
    expect(await arrive(store, 'pd-Q1', anEvent(), ['k'], NOW)).toBe('stored')
    const unknown = open(url).store
    await expect(answering(unknown, 1_500)).rejects.toMatchObject({
      message: expect.stringContaining('SELF_SIGNED'),
    })
  })
})

/** Lets the server listen on a port of its own with TLS; others may have the first that is tried. */
async function listeningWithTls(port: number): Promise<number> {
  const candidates = Array.from({ length: 20 }, (_, step) => (port < 60_000 ? port + 1 + step : port - 1 - step))
  for (const candidate of candidates)
    if ((await ask(port, 'config', 'set', 'tls-port', String(candidate))) === 'OK') return candidate
  throw new Error('No port is free for TLS.')
}
