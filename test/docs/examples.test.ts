import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from '@jest/globals'
import { argoCd } from '../../docs/examples/argo-cd-source.ts'
import { flagOff } from '../../docs/examples/feature-flag-remediation.ts'
import { swap } from '../../docs/examples/swap-check.ts'
import type { MetricsSource } from '../../src/datasources/datasource.ts'
import type { RemediationContext } from '../../src/remediations/remediation.ts'
import { aService, NOW } from '../builders.ts'
import { aContext, answer } from '../checks/a-context.ts'
import { failureOf, inTime, offered, opened } from '../datasources/deps.ts'
import { memoryStore } from '../fakes/memory-store.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
})

async function serving(reply: (method: string, path: string, body: string) => [number, unknown]): Promise<string> {
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    req.on('end', () => {
      const [status, json] = reply(req.method ?? '', req.url ?? '', body)
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
    })
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  // A listening TCP server has an address object.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('the examples compile as they stand', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'incbot-examples-'))
  const code = readdirSync('docs/examples').filter((file) => file.endsWith('.ts'))
  const include = code.map((file) => resolve('docs/examples', file))
  const settings = { typeRoots: [resolve('node_modules/@types')], noEmit: true }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: resolve('tsconfig.json'), compilerOptions: settings, include }),
  )
  const compiler = resolve('node_modules/.bin/tsc')
  const problems = await promisify(execFile)(compiler, ['-p', folder]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  )
  rmSync(folder, { recursive: true })
  // Elsewhere in the source it is the types' own suite that speaks.
  expect(problems.split('\n').filter((line) => line.includes('docs/examples'))).toEqual([])
}, 30_000)

describe('the example of a check', () => {
  const run = (samples: readonly { labels: Record<string, string>; value: number }[]) => {
    const metrics: MetricsSource = { instant: async (query) => answer(samples, query), range: async () => answer([]) }
    return swap.run(aContext({ metrics }), swap.parameters.parse({}))
  }

  it('finds a replica that swaps, and one that does not', async () => {
    expect(await run([{ labels: { pod: 'p-3' }, value: 8e9 }])).toMatchObject({
      verdict: 'problem',
      headline: 'p-3 has 8 GB swapped out',
      signals: { swap: 'swapping' },
    })
    expect(await run([{ labels: { pod: 'p-3' }, value: 5e6 }])).toMatchObject({ verdict: 'clear' })
  })

  it('does not call it clear when nobody measures it', async () => {
    await expect(run([])).rejects.toMatchObject({ kind: 'missing' })
  })
})

describe('the example of a data source', () => {
  const window = { from: NOW - 3_600_000, to: NOW }
  const deploys = (url: string, application = 'web') =>
    offered(opened(argoCd, { url, application }).deploys).deploys(aService(), window, inTime())

  it('gives the syncs in the window', async () => {
    const history = [-1, 10, 30, 90].map((minutes) => ({
      revision: `0123456789abcdef-${minutes}`,
      deployedAt: new Date(NOW - minutes * 60_000).toISOString(),
    }))
    const url = await serving((_method, path) =>
      path === '/api/v1/applications/web' ? [200, { status: { history } }] : [404, {}],
    )
    expect((await deploys(url)).value).toEqual([
      { at: NOW - 30 * 60_000, what: '0123456789ab' },
      { at: NOW - 10 * 60_000, what: '0123456789ab' },
    ])
    expect(await failureOf(deploys(url, 'other'))).toMatchObject({ kind: 'missing' })
  })

  it('tells an answer from something else', async () => {
    const url = await serving(() => [200, { status: { history: 'none' } }])
    expect(await failureOf(deploys(url))).toMatchObject({ kind: 'bad-answer' })
  })
})

describe('the example of a remediation', () => {
  const nowhere = (): never => {
    throw new Error('A flag touches no cluster.')
  }
  const context: RemediationContext = {
    service: aService(),
    incidentId: 'pd-Q1',
    now: () => NOW,
    writer: nowhere,
    observer: nowhere,
    measure: async () => undefined,
    history: async () => [],
    switchedOff: async () => undefined,
    freezes: memoryStore(),
    signal: inTime(),
  }
  const execution = { id: 'r-1', by: 'U0ANA', approvedAt: NOW, reason: 'x' }

  async function flagService() {
    const flag = { enabled: true, version: 7 }
    const url = await serving((method, _path, body) => {
      if (method === 'GET') return [200, flag]
      const wanted: unknown = JSON.parse(body)
      if (!(wanted instanceof Object && 'version' in wanted && wanted.version === flag.version)) return [409, {}]
      Object.assign(flag, { enabled: false, version: flag.version + 1 })
      return [200, flag]
    })
    const planned = async () => {
      const [plan] = await flagOff.plan(context, flagOff.parameters.parse({ url, flag: 'reranking' }))
      if (plan === undefined) throw new Error('There is one plan.')
      return plan
    }
    return { flag, planned }
  }

  it('switches the flag off once, and says how it stands', async () => {
    const { flag, planned } = await flagService()
    const plan = await planned()
    expect(flag.enabled).toBe(true)
    expect(await flagOff.execute(context, plan, execution)).toEqual({ effect: { version: 8 } })
    expect(await flagOff.execute(context, plan, execution)).toMatchObject({ void: expect.any(String) })
    expect(flag).toEqual({ enabled: false, version: 8 })
    expect(await flagOff.follow(context, plan, {}, () => {})).toMatchObject({ result: 'succeeded' })
    expect(await flagOff.inspect(context, plan, execution)).toBe('What can be seen: the feature is off.')
    expect((await planned()).preflight).toEqual([
      { what: 'flag', verdict: 'failed', text: 'reranking is off already.', overridable: false },
    ])
    expect(await flagOff.halt(context, plan, {}, 'Ana called it off.')).toEqual({
      outcome: {
        result: 'halted',
        text: 'Ana called it off. The feature is off; switch it by hand if that is not what you want.',
      },
      offers: [],
    })
  })

  it('withdraws an offer that somebody else has made pointless', async () => {
    const { flag, planned } = await flagService()
    const plan = await planned()
    expect(await flagOff.changed(context, plan)).toBeUndefined()
    flag.version += 1
    expect(await flagOff.changed(context, plan)).toBe('Somebody changed the flag since this was offered.')
  })

  it('does not know whether it happened when nobody answers', async () => {
    const { planned } = await flagService()
    const plan = await planned()
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    }
    expect(await failureOf(flagOff.execute(context, plan, execution))).toMatchObject({ effect: 'unknown' })
  })
})
