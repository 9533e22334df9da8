import { execFile } from 'node:child_process'
import { afterEach, describe, expect, it } from '@jest/globals'
import { listen } from '../../src/sandbox/http.ts'
import { aFreeze } from '../contract/records.ts'
import { anExemption } from '../freeze/builders.ts'
import { aGateServer, TOKEN } from '../freeze/gate-server.ts'

const HOOK = 'docs/examples/gate-model-registry-hook.sh'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

async function aGate() {
  const gate = await aGateServer()
  closing.push(() => gate.server.stop(0))
  return gate
}

/** Runs the hook as a registry would. */
function deploy(url: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const environment = { PATH: process.env.PATH ?? '', INCBOT_URL: url, INCBOT_GATE_TOKEN: TOKEN, ...env }
  return new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((resolve) => {
    execFile('sh', [HOOK, ...words], { env: environment, timeout: 20_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

describe('the hook for a model registry', () => {
  it('lets a deploy through where nothing is frozen, or what is frozen exempts it', async () => {
    const { url, store } = await aGate()
    expect(await deploy(url, ['inference', 'v48'])).toMatchObject({ code: 0, err: '' })
    await store.addFreeze(aFreeze({ exemptions: [anExemption('deploy', 'v 48&x=y'), anExemption('label', 'a=b')] }))
    expect((await deploy(url, ['inference', 'v 48&x=y'])).out).toContain('deploy v 48&x=y may pass')
    expect((await deploy(`${url}/`, ['inference', 'v49', 'c=d', 'a=b'])).code).toBe(0)
    expect((await deploy(url, ['checkout', 'v49'])).code).toBe(0)
  })

  it('refuses what is frozen, and says who, why and until when', async () => {
    const { url, store } = await aGate()
    await store.addFreeze(aFreeze({ reason: 'the “cache” grows: "message":"x"' }))
    const { code, out, err } = await deploy(url, ['inference', 'v48', 'a=b'])
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(
      /^Model deploys of inference are frozen until 04:42 UTC .* by U1: the “cache” grows: .*reason\.\n$/,
    )
  })

  it.each([
    ['passes a freeze of workloads', { scope: 'workload' as const }, 0],
    ['is stopped by a freeze of everything', { scope: 'all' as const }, 1],
  ])('deploys models, so that it %s', async (_what, freeze, code) => {
    const { url, store } = await aGate()
    await store.addFreeze(aFreeze(freeze))
    expect((await deploy(url, ['inference', 'v48'])).code).toBe(code)
  })

  it.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    ['the token is wrong', ['inference', 'v48'], { INCBOT_GATE_TOKEN: 'wrong' }],
    ['there is no token', ['inference', 'v48'], { INCBOT_GATE_TOKEN: '' }],
    ['there is no address', ['inference', 'v48'], { INCBOT_URL: '' }],
    ['nobody listens', ['inference', 'v48'], { INCBOT_URL: 'http://127.0.0.1:1' }],
    ['the service is unknown', ['inferense', 'v48'], {}],
    ['the service is none', ['../x?y', 'v48'], {}],
    ['the version is empty', ['inference', ''], {}],
    ['a label is none', ['inference', 'v48', 'hotfix'], {}],
    ['there is no version', ['inference'], {}],
  ])('does not let a deploy through where %s', async (_what, words, env) => {
    const { url } = await aGate()
    const { code, out, err } = await deploy(url, words, env)
    expect(code).toBeGreaterThan(0)
    expect(out).toBe('')
    expect(err).not.toBe('')
  })

  it.each([
    ['a proxy’s page', 200, '<html>ok</html>'],
    ['another program’s JSON', 200, '{"status":"ok"}'],
    ['an answer about another service', 200, '{"service":"checkout","frozen":false,"asOf":"x"}'],
    ['a redirect', 302, ''],
    ['no content', 204, ''],
    ['an outage', 503, '{"error":"incbot cannot read its records just now."}'],
  ])('takes %s for no permission', async (_what, status, body) => {
    const server = await listen(
      (_req, res) => void res.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body),
    )
    closing.push(() => server.stop())
    const { code, out, err } = await deploy(server.url, ['inference', 'v48'])
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(`incbot answered ${status}`)
  })
})
