import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from '@jest/globals'
import { SourceError } from '../../src/datasources/datasource.ts'
import { httpJson } from '../../src/datasources/http-json.ts'
import { withoutLinkLocal } from '../../src/datasources/link-local.ts'
import { prometheus } from '../../src/datasources/prometheus/index.ts'
import { failureOf, inTime, offered, opened } from './deps.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address object.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const answering = (status: number, body: string | Buffer, headers: Record<string, string> = {}) =>
  serving((_req, res) => res.writeHead(status, headers).end(body))

const get = (url: string, path = '/x', signal = inTime(), settings: object = {}) =>
  offered(opened(httpJson, { url, timeout: '400ms', ...settings }).json).get(path, signal)

describe('a JSON document', () => {
  it('is read below the base URL', async () => {
    const url = await serving((req, res) => res.end(JSON.stringify({ path: req.url, accept: req.headers.accept })))
    const answer = await get(`${url}/base/`, '/debug/models?all=1')
    expect(answer).toMatchObject({
      value: { path: '/base/debug/models?all=1', accept: 'application/json' },
      query: 'GET /debug/models?all=1',
      warnings: [],
    })
  })

  it('is asked for with the token that its variable holds, and with none otherwise', async () => {
    const sent: unknown[] = []
    const url = await serving((req, res) => {
      sent.push(req.headers.authorization)
      res.end('{}')
    })
    const source = opened(httpJson, { url, tokenEnv: 'MODELS_TOKEN' }, { secret: (name) => `secret of ${name}` })
    await offered(source.json).get('/', inTime())
    await get(url)
    expect(sent).toEqual(['Bearer secret of MODELS_TOKEN', undefined])
  })

  it.each<[string, number, string, Record<string, string>, string, RegExp]>([
    ['refused credentials', 401, '{}', {}, 'unauthorized', /refused the credentials \(401\)/],
    ['a missing permission', 403, '{}', {}, 'forbidden', /answered 403 to GET \/x\./],
    ['nothing there', 404, 'not found', {}, 'missing', /has no \/x \(404\)/],
    ['a login page', 200, '<html>Sign in</html>', { 'content-type': 'text/html' }, 'bad-answer', /not JSON/],
    ['half a document', 200, '{"a":', {}, 'bad-answer', /not JSON/],
    ['nothing at all', 200, '', {}, 'bad-answer', /not JSON/],
    ['no content', 204, '', {}, 'bad-answer', /answered 204/],
    ['trouble', 503, '{"error":"starting"}', {}, 'bad-answer', /answered 503/],
    ['a compressed body that nobody asked for', 200, '', { 'content-encoding': 'gzip' }, 'bad-answer', /not JSON/],
  ])('that is %s gives a reason', async (_, status, body, headers, kind, text) => {
    const url = await answering(status, headers['content-encoding'] ? gzipSync('{}') : body, headers)
    const failure = await failureOf(get(url))
    expect(failure).toBeInstanceOf(SourceError)
    expect(failure).toMatchObject({ kind, source: 'source', message: expect.stringMatching(text) })
  })

  it('names the permission that a 403 asks for, without the query', async () => {
    const url = await answering(403, '{}')
    expect(await failureOf(get(url, '/debug/models?token=x'))).toMatchObject({
      missingPermission: 'GET /debug/models on source',
    })
  })

  it.each([301, 302, 303, 307, 308])('is not looked for elsewhere on a %d', async (status) => {
    let followed = 0
    const elsewhere = await serving((_req, res) => {
      followed += 1
      res.end('{"stolen":true}')
    })
    const url = await answering(status, '', { location: `${elsewhere}/login` })
    const failure = await failureOf(get(url))
    expect(failure).toMatchObject({ kind: 'bad-answer', message: expect.stringContaining(`redirect (${status})`) })
    expect(followed).toBe(0)
  })

  it.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['answers a line and then nothing', (_req, res) => void res.writeHead(200).write('{"a":')],
    [
      'drips',
      (_req, res) => {
        const timer = setInterval(() => res.write(' '), 20)
        res.on('close', () => clearInterval(timer))
      },
    ],
  ])('of a server that %s is waited for as long as the settings say', async (_, listener) => {
    const url = await serving(listener)
    const started = performance.now()
    expect(await failureOf(get(url))).toMatchObject({
      kind: 'timeout',
      message: 'source did not answer within 0.4 s.',
    })
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  it("is not waited for beyond the asker's own time", async () => {
    const url = await serving(() => undefined)
    const failure = await failureOf(get(url, '/x', AbortSignal.timeout(60), { timeout: '30s' }))
    expect(failure).toMatchObject({ kind: 'timeout', message: expect.stringContaining('no longer waited for') })
  })

  it.each([
    ['declared', (bytes: number) => ({ 'content-length': String(bytes) })],
    ['not declared', () => ({})],
  ] as const)('above 2 MB is refused, its size %s', async (_, headers) => {
    let sent = 0
    const bytes = 50_000_000
    const url = await serving((_req, res) => {
      res.writeHead(200, headers(bytes))
      const chunk = Buffer.alloc(100_000, ' ')
      const more = (): void => {
        while (sent < bytes && !res.destroyed) {
          sent += chunk.length
          if (!res.write(chunk)) return void res.once('drain', more)
        }
      }
      more()
    })
    const failure = await failureOf(get(url, '/x', inTime(), { timeout: '5s' }))
    expect(failure).toMatchObject({ kind: 'too-large', message: expect.stringContaining('more than 2 MB') })
    expect(sent).toBeLessThan(20_000_000)
  })

  it('is not kept waiting by others from the same server', async () => {
    const url = await serving((_req, res) => void setTimeout(() => res.end('{}'), 100))
    const started = performance.now()
    await Promise.all(Array.from({ length: 8 }, () => get(url, '/x', inTime(), { timeout: '5s' })))
    expect(performance.now() - started).toBeLessThan(400)
  })

  it('of just under 2 MB is read', async () => {
    const url = await answering(200, JSON.stringify('x'.repeat(1_999_000)))
    expect((await get(url, '/x', inTime(), { timeout: '5s' })).value).toHaveLength(1_999_000)
  })

  it('is asked for once more when a kept connection was closed in between', async () => {
    let requests = 0
    const url = await serving((req, res) => {
      requests += 1
      if (requests === 2) req.socket.destroy()
      else res.end('{}')
    })
    await get(url)
    await expect(get(url)).resolves.toMatchObject({ value: {} })
    expect(requests).toBe(3)
  })

  it('of a server that hangs up every time is out of reach', async () => {
    let requests = 0
    const url = await serving((req) => {
      requests += 1
      req.socket.destroy()
    })
    expect(await failureOf(get(url))).toMatchObject({ kind: 'unreachable' })
    expect(requests).toBe(2)
  })

  it('of nobody is out of reach, and the text shows no credentials', async () => {
    const url = await answering(200, '{}')
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
    const source = opened(httpJson, { url, tokenEnv: 'MODELS_TOKEN' }, { secret: () => 'secret' })
    const failure = await failureOf(offered(source.json).get('/x', inTime()))
    expect(failure).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('ECONNREFUSED') })
    expect(String(failure)).not.toContain('secret')
  })

  it.each([
    '/../admin',
    '/a/../../admin',
    '/%2e%2e/admin',
    '/..\\admin',
    '/..%2fadmin',
    '/a/%2E%2E%5cadmin',
    '/../based',
  ])('is not looked for outside of what was configured: %s', async (path) => {
    const asked: unknown[] = []
    const url = await serving((req, res) => {
      asked.push(req.url)
      res.end('{}')
    })
    expect(await failureOf(get(`${url}/base`, path))).toMatchObject({
      kind: 'bad-answer',
      message: expect.stringContaining('leads out of its `url`'),
    })
    expect(asked).toEqual([])
  })

  it.each(['/@evil.example/x', '//evil.example/x', '/\\evil.example', '/:81/x', '/a%2Fb', '/a..b?x=../y'])(
    'is asked of the configured server and no other, whatever the path: %s',
    async (path) => {
      const url = await serving((_req, res) => res.end('"mine"'))
      expect((await get(url, path)).value).toBe('mine')
    },
  )

  it('is not asked of a name that leads to where clouds hand out credentials', async () => {
    const names = (...addresses: string[]) =>
      withoutLinkLocal((_name, _options, done) =>
        done(
          null,
          addresses.map((address) => ({ address, family: isIP(address) })),
        ),
      )
    const found = (lookup: ReturnType<typeof withoutLinkLocal>, all = true) =>
      new Promise((resolve) => lookup('metrics.example', { all }, (error, address) => resolve(error?.code ?? address)))
    for (const bad of ['169.254.169.254', '169.254.0.1', 'fe80::1', 'fd00:ec2::254', '::ffff:169.254.169.254'])
      expect(await found(names(bad))).toBe('ELINKLOCAL')
    expect(await found(names('169.254.169.254', '10.0.0.7'))).toEqual([{ address: '10.0.0.7', family: 4 }])
    expect(await found(names('169.254.169.254', '10.0.0.7'), false)).toBe('10.0.0.7')
    const failing = withoutLinkLocal((_name, _options, done) =>
      done(Object.assign(new Error('x'), { code: 'ENOTFOUND' }), []),
    )
    expect(await found(failing)).toBe('ENOTFOUND')
  })

  it('of a name that does not exist is out of reach', async () => {
    const failure = await failureOf(get('http://nowhere.invalid', '/x', inTime(), { timeout: '9s' }))
    expect(failure).toMatchObject({ kind: 'unreachable', message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) })
  })

  it('is asked of a name as of an address', async () => {
    const url = await serving((_req, res) => res.end('"mine"'))
    expect((await get(url.replace('127.0.0.1', 'localhost'))).value).toBe('mine')
  })

  it.each([
    'http://user:secret@x',
    'http://secret@x',
    'http://x/?token=secret',
    'http://x/#secret',
    'file:///etc/passwd',
  ])('has no address such as %s', (url) => {
    expect(httpJson.config.safeParse({ url }).success).toBe(false)
    expect(prometheus.config.safeParse({ url }).success).toBe(false)
  })

  it('that repeats the token that it was sent is read without it', async () => {
    const url = await serving((req, res) =>
      res.end(JSON.stringify({ error: `no such key: ${req.headers.authorization}` })),
    )
    const source = opened(httpJson, { url, tokenEnv: 'MODELS_TOKEN' }, { secret: () => 'very-secret-token' })
    expect((await offered(source.json).get('/x', inTime())).value).toEqual({ error: 'no such key: Bearer [secret]' })
  })

  it('of any depth is read, and cannot reach a prototype', async () => {
    const deep = await answering(200, `${'['.repeat(500_000)}${']'.repeat(500_000)}`)
    expect(Array.isArray((await get(deep, '/x', inTime(), { timeout: '9s' })).value)).toBe(true)
    const polluting = await answering(200, '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
    const { value } = await get(polluting)
    expect(Object.hasOwn(value as object, '__proto__')).toBe(true)
    expect('polluted' in {}).toBe(false)
  })

  it('need not exist for the source to be there', async () => {
    const url = await answering(404, 'not found')
    await expect(opened(httpJson, { url }).probe(inTime())).resolves.toBeUndefined()
    const locked = await answering(401, '')
    await expect(opened(httpJson, { url: locked }).probe(inTime())).rejects.toMatchObject({ kind: 'unauthorized' })
  })
})
