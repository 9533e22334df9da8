import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Server, startServer } from '../../src/http/server.ts'
import { type AuditSource, auditLines, auditRoute } from '../../src/ops/audit-route.ts'
import { aCommit, anEntry, anIncident } from '../contract/records.ts'
import { leased } from '../contract/store/harness.ts'
import { aLog } from '../fakes/log.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { rawConnection, statusesIn } from '../http/raw.ts'

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(0)))
})

async function asked(records: AuditSource, host = '127.0.0.1', limits = {}) {
  const routes = [auditRoute({ records, owner: 'host-1', host: 'ops.example' })]
  const server = await startServer({ host, port: 0, routes, log: aLog(), limits })
  servers.push(server)
  return server
}

async function aRecord(incidents: number) {
  const store = memoryStore()
  const lease = await leased(store)
  for (let index = 0; index < incidents; index++) {
    const incident = anIncident({ id: `pd-${String(index).padStart(4, '0')}` })
    await store.commit(aCommit(lease, { incident, timeline: [anEntry('one'), anEntry('two')] }))
  }
  return store
}

describe('GET /audit', () => {
  it('streams all timelines, however many pages of incidents there are', async () => {
    const server = await asked(await aRecord(250))
    const response = await fetch(`${server.url}/audit`)
    const lines = (await response.text()).trimEnd().split('\n')
    expect([response.status, lines.length]).toEqual([200, 500])
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    expect(response.headers.get('incbot-owner')).toBe('host-1')
    expect(lines.at(-1)).toContain('"incidentId":"pd-0249"')
  })

  it('holds one timeline at a time, and reads no further than it is read', async () => {
    const store = await aRecord(5)
    const read: string[] = []
    const lines = auditLines({
      incidentIds: store.incidentIds,
      timeline: (id) => {
        read.push(id)
        return store.timeline(id)
      },
    })
    for (let line = 0; line < 3; line++) await lines.next()
    expect(read).toEqual(['pd-0000', 'pd-0001'])
  })

  it('may take longer than other routes', async () => {
    const store = await aRecord(3)
    const slow: AuditSource = {
      incidentIds: store.incidentIds,
      timeline: async (id) => {
        await new Promise((resolve) => setTimeout(resolve, 60))
        return store.timeline(id)
      },
    }
    const server = await asked(slow, '127.0.0.1', { requestMs: 40, headersMs: 40, answerMs: 40, checkEveryMs: 1_000 })
    const text = await (await fetch(`${server.url}/audit`)).text()
    expect(text.trimEnd().split('\n')).toHaveLength(6)
  })

  it('is an error where the records cannot be read at all', async () => {
    const server = await asked({ incidentIds: () => Promise.reject(new Error('disk')), timeline: async () => [] })
    expect((await fetch(`${server.url}/audit`)).status).toBe(500)
  })

  it('is told to this host, by whichever of its addresses it was asked', async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
    const addresses = own.filter(({ family }) => family === 'IPv4').map(({ address }) => address)
    const server = await asked(await aRecord(1), '0.0.0.0')
    for (const address of addresses) {
      expect((await fetch(`http://${address}:${server.port}/audit`)).status).toBe(200)
    }
    expect(addresses).toContain('127.0.0.1')
  })

  it('is refused to others', async () => {
    const store = await aRecord(1)
    const route = auditRoute({ records: store, owner: 'host-1' })
    const server = await startServer({
      host: '127.0.0.1',
      port: 0,
      log: aLog(),
      routes: [
        {
          method: 'GET',
          path: '/audit',
          mount: (req, res) => {
            // As if the connection had come from elsewhere.
            Object.defineProperty(req.socket, 'remoteAddress', { value: '10.1.2.3' })
            return route.mount(req, res)
          },
        },
      ],
    })
    servers.push(server)
    const response = await fetch(`${server.url}/audit`)
    const text = await response.text()
    expect([response.status, text]).toEqual([403, expect.stringContaining('told to this host alone')])
    expect(text).not.toContain('pd-0000')
  })

  const asOthersDo: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ['a page whose name was made to lead here', 'evil.example', {}],
    ['such a page with the port in its name', 'evil.example:9090', {}],
    ['a name that only begins like ours', 'localhost.evil.example', {}],
    ['nobody’s host', 'a b', {}],
    ['a proxy on this host', '127.0.0.1', { 'x-forwarded-for': '203.0.113.7' }],
    ['another proxy on this host', 'localhost', { forwarded: 'for=203.0.113.7' }],
  ]
  it.each(asOthersDo)('is refused to %s, although the connection is from here', async (_who, host, headers) => {
    const server = await asked(await aRecord(1))
    const connection = await rawConnection(server.port)
    const lines = Object.entries({ host, connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}`)
    connection.write(`GET /audit HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    const said = await connection.closed
    expect(statusesIn(said)).toEqual([403])
    expect(said).not.toContain('pd-0000')
  })

  it.each(['localhost:9090', '127.0.0.1', '[::1]:9090', 'ops.example'])(
    'is told to whoever asks for %s',
    async (host) => {
      const server = await asked(await aRecord(1))
      const connection = await rawConnection(server.port)
      connection.write(`GET /audit HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
      expect(statusesIn(await connection.closed)).toEqual([200])
    },
  )
})
