import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { Route } from '../../src/http/route.ts'
import { type Server, type ServerOptions, startServer } from '../../src/http/server.ts'
import { aLog } from '../fakes/log.ts'
import { rawConnection, statusesIn } from './raw.ts'

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((one) => one.stop(0)))
})

const gates: (() => void)[] = []
const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/things/:name',
    answer: async ({ params, query }) => ({ status: 200, body: { params, query } }),
  },
  {
    method: 'POST',
    path: '/echo',
    bodyLimitBytes: 1_000,
    answer: async ({ body }) => ({ status: 200, body: body.toString(), headers: { 'content-type': 'text/plain' } }),
  },
  {
    method: 'GET',
    path: '/broken',
    answer: async () => {
      throw new Error('a bug')
    },
  },
  { method: 'GET', path: '/hangs', answer: () => new Promise(() => undefined) },
  {
    method: 'GET',
    path: '/slow',
    answer: () => new Promise((resolve) => gates.push(() => resolve({ status: 200, body: { done: true } }))),
  },
  { method: 'POST', path: '/mounted', mount: (req, res) => void req.pipe(res) },
  {
    method: 'POST',
    path: '/mounted-broken',
    mount: () => {
      throw new Error('a bug')
    },
  },
  { method: 'POST', path: '/mounted-hangs', mount: () => undefined },
  { method: 'POST', path: '/mounted-slow', mount: (_req, res) => void gates.push(() => res.end('done')) },
]

async function aServer(changes: Partial<ServerOptions> = {}) {
  const log = aLog()
  const requests: [string, number][] = []
  const meter = { httpRequest: (route: string, status: number) => void requests.push([route, status]) }
  const limits = { headersMs: 150, requestMs: 300, answerMs: 200, checkEveryMs: 20, ...changes.limits }
  const server = await startServer({ host: '127.0.0.1', port: 0, routes: ROUTES, log, meter, ...changes, limits })
  servers.push(server)
  return { server, url: server.url, log, requests }
}

describe('routes', () => {
  it('hand over what stands in the path and in the query, decoded', async () => {
    const { url } = await aServer()
    const response = await fetch(`${url}/things/a%20b%2Fc?x=1&x=2&y=%C3%A4`)
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await response.json()).toEqual({ params: { name: 'a b/c' }, query: { x: ['1', '2'], y: ['ä'] } })
  })

  it.each(['/', '/things', '/things/a/b', '/things/%E0%A4%A', '//things/a', '/echo/'])(
    'do not exist at %s, which is a 404 in JSON',
    async (path) => {
      const { url } = await aServer()
      const response = await fetch(url + path)
      expect(response.status).toBe(404)
      expect(await response.json()).toEqual({ error: expect.stringContaining('nothing under this path') })
    },
  )

  it.each([
    ['PUT', '/things/a', 'GET'],
    ['HEAD', '/things/a', 'GET'],
    ['OPTIONS', '/echo', 'POST'],
    ['GET', '/mounted', 'POST'],
  ])('refuse %s %s with 405 and say that %s is allowed', async (method, path, allowed) => {
    const { url, requests } = await aServer()
    const response = await fetch(url + path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allowed])
    await wait(10)
    expect(requests).toEqual([['none', 405]])
  })

  it('take names up to a length that no service has', async () => {
    const { url } = await aServer()
    expect((await fetch(`${url}/things/${'x'.repeat(1_000)}`)).status).toBe(200)
    expect((await fetch(`${url}/things/${'x'.repeat(1_001)}`)).status).toBe(404)
  })

  it('that are mounted get the request unread, and only under the very path they listen on', async () => {
    const { url } = await aServer()
    const post = { method: 'POST', body: 'to Bolt' }
    expect(await (await fetch(`${url}/mounted?x=1`, post)).text()).toBe('to Bolt')
    expect((await fetch(`${url}/%6dounted`, post)).status).toBe(404)
  })
})

describe('a route in trouble', () => {
  it.each([
    ['rejects', 'GET', '/broken', 500, 'Route failed'],
    ['throws before it has read anything', 'POST', '/mounted-broken', 500, 'Route failed'],
    ['never answers', 'GET', '/hangs', 503, 'Route did not answer in time'],
  ])('that %s is answered for', async (_, method, path, status, message) => {
    const { url, log } = await aServer()
    const response = await fetch(url + path, { method })
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ error: expect.stringContaining('incbot') })
    expect(log.messages('error')).toEqual([message])
  })

  it('that is mounted and never answers is cut off, because it might still write', async () => {
    const { url, log } = await aServer()
    await expect(fetch(`${url}/mounted-hangs`, { method: 'POST' })).rejects.toThrow('fetch failed')
    expect(log.messages('error')).toEqual(['Route did not answer in time'])
  })
})

describe('bodies', () => {
  it.each([0, 1, 1_000])('of %i bytes are read whole', async (size) => {
    const { url } = await aServer()
    const response = await fetch(`${url}/echo`, { method: 'POST', body: 'x'.repeat(size) })
    expect(await response.text()).toHaveLength(size)
  })

  it.each([1_001, 500_000, 3_000_000])('of %i bytes are answered with 413', async (size) => {
    const { url } = await aServer()
    const response = await fetch(`${url}/echo`, { method: 'POST', body: 'x'.repeat(size) })
    expect(response.status).toBe(413)
    expect(await response.json()).toEqual({ error: expect.stringContaining('1000 bytes') })
  })

  it('that are too large and come in chunks are answered with 413 too', async () => {
    const { server } = await aServer()
    const connection = await rawConnection(server.port)
    connection.write('POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    for (let chunk = 0; chunk < 30; chunk++) connection.write(`ffff\r\n${'x'.repeat(0xffff)}\r\n`)
    expect(statusesIn(await connection.closed)).toEqual([413])
  })

  it('that end half-way are nobody’s error', async () => {
    const { server, log, requests } = await aServer()
    const connection = await rawConnection(server.port)
    connection.write('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf')
    await wait(50)
    connection.socket.resetAndDestroy()
    await wait(50)
    expect(requests).toEqual([['/echo', 499]])
    expect(log.messages('error')).toEqual([])
  })
})

describe('clients that drip', () => {
  it.each([
    ['say nothing', ''],
    ['never end their headers', 'GET /things/a HTTP/1.1\r\nHost: a\r\n'],
    ['never end their body', 'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n'],
  ])('and %s are closed', async (_, head) => {
    const { server } = await aServer()
    const connection = await rawConnection(server.port)
    connection.write(head)
    const drip = setInterval(() => connection.write('x'), 30)
    if (head === '') clearInterval(drip)
    const before = performance.now()
    const said = await connection.closed
    clearInterval(drip)
    expect(statusesIn(said)).toEqual([408])
    expect(performance.now() - before).toBeLessThan(1_000)
  })

  it('do not keep others waiting', async () => {
    const { server, url } = await aServer({ limits: { headersMs: 5_000, requestMs: 5_000 } })
    const connections = await Promise.all(Array.from({ length: 200 }, () => rawConnection(server.port)))
    for (const one of connections) one.write('GET /things/a HTTP/1.1\r\nX: ')
    const before = performance.now()
    expect((await fetch(`${url}/things/a`)).status).toBe(200)
    expect(performance.now() - before).toBeLessThan(500)
    for (const one of connections) one.socket.destroy()
  })

  it('and those that keep what they no longer need make room, however many they are', async () => {
    const { server, url } = await aServer({ limits: { connections: 40 } })
    const kept = []
    for (let n = 0; n < 60; n += 1) {
      const connection = await rawConnection(server.port)
      connection.write('GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n')
      kept.push(connection)
      await new Promise((resolve) => connection.socket.once('data', resolve))
    }
    expect((await fetch(`${url}/things/a`)).status).toBe(200)
    expect(kept.filter(({ socket }) => !socket.destroyed).length).toBeLessThan(40)
    for (const one of kept) one.socket.destroy()
  })
})

describe('stopping', () => {
  it('lets a running request finish and accepts no other', async () => {
    const { server, url } = await aServer({ limits: { answerMs: 5_000 } })
    const slow = fetch(`${url}/slow`)
    while (gates.length === 0) await wait(5)
    const stopped = server.stop(5_000)
    await expect(fetch(`${url}/things/a`)).rejects.toThrow('fetch failed')
    for (const open of gates.splice(0)) open()
    const response = await slow
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close'])
    await stopped
  })

  it('cuts off what still runs after its grace', async () => {
    const { server, url } = await aServer({ limits: { answerMs: 60_000 } })
    const hanging = fetch(`${url}/hangs`).then(
      () => 'answered',
      () => 'cut off',
    )
    await wait(50)
    const before = performance.now()
    await server.stop(100)
    expect(performance.now() - before).toBeLessThan(1_000)
    expect(await hanging).toBe('cut off')
  })

  it('does not wait for connections on which nothing is asked', async () => {
    const { server } = await aServer({ limits: { headersMs: 60_000, requestMs: 60_000 } })
    const silent = await rawConnection(server.port)
    const kept = await rawConnection(server.port)
    kept.write('GET /things/a HTTP/1.1\r\nHost: a\r\n\r\n')
    while (statusesIn(kept.said()).length === 0) await wait(5)
    const before = performance.now()
    await server.stop(10_000)
    expect(performance.now() - before).toBeLessThan(1_000)
    await Promise.all([silent.closed, kept.closed])
  })

  it('closes the connection of a mounted route, which does not know that it should', async () => {
    const { server } = await aServer({ limits: { answerMs: 60_000 } })
    const kept = await rawConnection(server.port)
    kept.write('POST /mounted-slow HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
    while (gates.length === 0) await wait(5)
    const stopped = server.stop(10_000)
    const before = performance.now()
    for (const open of gates.splice(0)) open()
    expect(await kept.closed).toContain('done')
    await stopped
    expect(performance.now() - before).toBeLessThan(1_000)
  })

  it('may be asked for twice', async () => {
    const { server } = await aServer()
    await Promise.all([server.stop(100), server.stop(100)])
    await expect(server.stop(100)).resolves.toBeUndefined()
  })
})

it('says what to do when the port is taken', async () => {
  const { server } = await aServer()
  await expect(aServer({ port: server.port })).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${server.port}: another program uses this port. Stop it, or choose another port.`,
  )
})
