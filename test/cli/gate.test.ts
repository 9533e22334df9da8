import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { type GateArguments, gate } from '../../src/cli/gate.ts'
import { run as runCommand } from '../../src/cli/index.ts'
import type { Freeze } from '../../src/domain/freeze.ts'
import { listen, type StandInServer } from '../../src/sandbox/http.ts'
import { aFreeze } from '../contract/records.ts'
import { anExemption } from '../freeze/builders.ts'
import { aGateServer, TOKEN } from '../freeze/gate-server.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

async function aRealGate(changes: Parameters<typeof aGateServer>[0] = {}) {
  const server = await aGateServer(changes)
  closing.push(() => server.server.stop(0))
  return server
}

async function aServer(handler: Parameters<typeof listen>[0]): Promise<StandInServer> {
  const server = await listen(handler)
  closing.push(() => server.stop())
  return server
}

async function run(url: string, changes: Partial<GateArguments> = {}) {
  const out: string[] = []
  const err: string[] = []
  const io = {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
  }
  const args = { service: 'inference', url, token: TOKEN, onUnknown: 'deny', timeoutMs: 5_000, ...changes } as const
  return { code: await gate(args, io), out: out.join(''), err: err.join('') }
}

describe('incbot gate', () => {
  it('exits 0 where the service is free', async () => {
    const { url } = await aRealGate()
    expect(await run(url)).toEqual({ code: 0, out: 'Deploys of inference are not frozen.\n', err: '' })
  })

  it('exits 1 where it is frozen and says who, why and until when', async () => {
    const { url, store } = await aRealGate()
    await store.addFreeze(aFreeze({ reason: 'memory grows with every deploy' }))
    const { code, err } = await run(url, { onUnknown: 'allow' })
    expect(code).toBe(1)
    expect(err).toBe(
      'Model deploys of inference are frozen until 04:42 UTC (60 min from 03:42 UTC) by U1: memory grows with every deploy. An approver can lift it in Slack with “/inc unfreeze inference”. One deploy that cannot wait: “/inc exempt inference” with a reason.\n',
    )
  })

  it('asks for the kind of deploy that it is told', async () => {
    const { url, store } = await aRealGate()
    await store.addFreeze(aFreeze({ scope: 'model' }))
    expect((await run(url, { scope: 'workload' })).code).toBe(0)
    expect((await run(`${url}///`, { scope: 'model' })).code).toBe(1)
  })

  it('says what is deployed, and lets through what is exempt', async () => {
    const { url, store } = await aRealGate()
    await store.addFreeze(aFreeze({ exemptions: [anExemption('deploy', 'v48'), anExemption('label', 'a=b&scope=x')] }))
    const { code, out, err } = await run(url, { deploy: 'v48' })
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(
      /^Model deploys of inference are frozen .*; deploy v48 may pass, exempted by U0ANA: it is the fix\.\n$/,
    )
    expect((await run(url, { labels: ['c=d', 'a=b&scope=x'] })).code).toBe(0)
    const refused = await run(url, { deploy: 'v49', labels: ['c=d'] })
    expect([refused.code, refused.out]).toEqual([1, ''])
    expect(refused.err).toContain('“/inc exempt inference deploy v49”')
    expect((await run(url, { deploy: '' })).err).toContain('deploy is the name of what is about to be deployed')
  })

  it('says that an answer is from memory, and as of when', async () => {
    let away = false
    const all: Freeze[] = []
    const activeFreezes = async () => (away ? Promise.reject(new Error('locked')) : all)
    const { url } = await aRealGate({ reading: { activeFreezes } })
    await run(url)
    away = true
    const asOf = '(As of 2026-01-13T04:12:00.000Z: incbot cannot read its records just now and answered from memory.)'
    expect(await run(url)).toEqual({ code: 0, out: `Deploys of inference are not frozen. ${asOf}\n`, err: '' })
    away = false
    all.push(aFreeze())
    await run(url)
    away = true
    const { code, err } = await run(url)
    expect([code, err]).toEqual([1, expect.stringContaining(asOf)])
  })

  it('is asked on the command line', async () => {
    const { url, store } = await aRealGate()
    await store.addFreeze(aFreeze({ exemptions: [anExemption('label', 'hotfix=1')] }))
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
    const complain = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
    const incbot = (...words: readonly string[]) =>
      runCommand(['node', 'incbot', 'gate', 'inference', '--url', url, ...words], { INCBOT_GATE_TOKEN: TOKEN })
    const codes = [
      await incbot('--label', 'a=b', '--label', 'hotfix=1', '--deploy', 'v1', '--scope', 'model', '--timeout', '2.5'),
      await incbot('--label', 'a=b'),
      await incbot('--timeout', 'soon'),
      await incbot('--timeout', '0'),
      await incbot('--label'),
    ]
    write.mockRestore()
    complain.mockRestore()
    expect(codes).toEqual([0, 1, 2, 2, 2])
  })

  it.each([
    ['the token is wrong', { token: 'wrong' }, 'needs a header'],
    ['there is no token', { token: undefined }, 'needs a header'],
    ['the service is unknown', { service: 'inferense' }, 'Did you mean inference?'],
    ['the service has a name that is none', { service: '../../x?y#z' }, 'no service of this name'],
    ['the address is none', { url: 'incbot:3000' }, 'not an http or https address'],
    ['the address is empty', { url: '' }, 'not an http or https address'],
    ['nobody listens there', { url: 'http://127.0.0.1:1' }, 'cannot be reached'],
  ])('exits 2 where %s, or 0 with a warning if told to', async (_, changes, text) => {
    const { url } = await aRealGate()
    const denied = await run(url, changes)
    expect([denied.code, denied.out]).toEqual([2, ''])
    expect(denied.err).toContain(text)
    expect(denied.err).toMatch(/Not going ahead\.\n$/)
    const allowed = await run(url, { ...changes, onUnknown: 'allow' })
    expect([allowed.code, allowed.out]).toEqual([0, ''])
    expect(allowed.err).toMatch(/Going ahead because of --on-unknown=allow\.\n$/)
  })

  it('asks again where the store is in trouble for a moment', async () => {
    let asked = 0
    const activeFreezes = async () => {
      asked += 1
      if (asked === 1) throw new Error('locked')
      return []
    }
    const { url } = await aRealGate({ reading: { activeFreezes } })
    expect((await run(url)).code).toBe(0)
  })

  it('cannot tell where incbot hangs, and says so in time', async () => {
    const { url } = await aServer(() => wait(60_000, undefined, { ref: false }))
    const before = performance.now()
    const { code, err } = await run(url, { timeoutMs: 200 })
    expect(code).toBe(2)
    expect(err).toContain('did not answer within 200 ms')
    expect(performance.now() - before).toBeLessThan(1_500)
  })

  it.each([
    ['a proxy’s page with status 200', 200, '<html>ok</html>'],
    ['JSON of something else', 200, '{"status":"ok"}'],
    ['"frozen" that is not a boolean', 200, '{"frozen":"false"}'],
    ['a 423 of something else', 423, 'Locked'],
    ['an empty 204', 204, ''],
  ])('takes %s for no answer', async (_, status, body) => {
    const { url } = await aServer((_req, res) => void res.writeHead(status).end(body))
    const { code, err } = await run(url)
    expect([code, err]).toEqual([2, expect.stringContaining('is not incbot')])
  })

  it('carries the token nowhere else', async () => {
    const elsewhere: unknown[] = []
    const other = await aServer((req, res) => {
      elsewhere.push(req.headers.authorization)
      res.end('{"frozen":false}')
    })
    const { url } = await aServer((_req, res) => void res.writeHead(302, { location: other.url }).end())
    expect((await run(url)).code).toBe(2)
    expect(elsewhere).toEqual([])
  })

  it('lets nothing from outside write commands into the pipeline’s log', async () => {
    const { url, store } = await aRealGate()
    await store.addFreeze(aFreeze({ reason: 'x\n::set-output name=a::b\r\n\u001b[2J\u202e' }))
    const { err } = await run(url)
    expect(err).toMatch(/^[^\p{Cc}\p{Cf}]+\n$/u)
  })
})
