import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parse, stringify } from 'yaml'
import type { BotProcess } from '../../src/cli/demo/bot-process.ts'
import { channels, pagerDutyServiceId, serviceName, startTown, type Town } from '../chaos/town.ts'
import { MAIN, startBot } from './bot.ts'
import { until } from './stage.ts'

/** Every secret that incbot can be given, each recognisable wherever it turns up. */
const CANARIES = {
  bot: 'xoxb-canary-1111-bot',
  app: 'xapp-canary-2222-app',
  signing: 'canary3333signing',
  pagerDuty: 'canary4444pagerduty',
  webhook: 'canary5555webhook',
  kubernetes: 'canary6666kubernetes',
  brokenKubeconfig: 'canary7777kubeconfig',
  metrics: 'canary8888metrics',
  json: 'canary9999json',
  gate: 'canary0000gate',
}
const SERVICE = serviceName(0)

/** As it is, and as it would stand in a header, a dump or an address. */
function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  // Base64 of a text inside of another differs at its ends only.
  return [secret, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, '').slice(0, -1)]
}

function canariesIn(text: string): readonly string[] {
  return Object.entries(CANARIES).flatMap(([name, secret]) =>
    spellings(secret).some((one) => text.includes(one)) ? [name] : [],
  )
}

/** Refuses everything, in Prometheus' format, and repeats what it was sent. */
async function echo(seen: string[]): Promise<Server> {
  const server = createServer((req, res) => {
    seen.push(req.headers.authorization ?? 'none')
    const error = `no such key ${req.headers.authorization} for ${req.url}`
    res
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ status: 'error', errorType: 'x', error }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

let directory: string
let town: Town
let mirror: Server
let bot: BotProcess
const seen: string[] = []
const bodies: string[] = []
const ask = async (url: string, init?: RequestInit): Promise<number> => {
  const response = await fetch(url, init)
  bodies.push(`${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`)
  return response.status
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'incbot-secrets-'))
  town = await startTown(directory, { secrets: CANARIES })
  mirror = await echo(seen)
  // A TCP server that listens has an address object.
  const url = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`
  const broken = join(directory, 'broken-kubeconfig')
  writeFileSync(broken, `users:\n- name: a\n  user:\n    token: ${CANARIES.brokenKubeconfig}\n   broken: here\n`, {
    mode: 0o600,
  })
  const file = join(directory, 'incbot.yaml')
  const config = parse(readFileSync(file, 'utf8'))
  config.dataSources.metrics = { type: 'prometheus', url, tokenEnv: 'METRICS_TOKEN' }
  config.dataSources.models = { type: 'http-json', url, tokenEnv: 'JSON_TOKEN' }
  config.clusters.broken = { read: { kubeconfig: broken, context: 'a' }, write: { kubeconfig: broken, context: 'a' } }
  config.services[serviceName(1)].workloads[0].cluster = 'broken'
  config.gate = { tokens: { ci: { tokenEnv: 'GATE_TOKEN' } } }
  writeFileSync(file, stringify(config))
  const runbook = join(directory, 'runbooks/measured.yaml')
  const measured = parse(readFileSync(runbook, 'utf8'))
  measured.checks.push({
    check: 'http-json',
    with: {
      what: 'Models',
      source: 'models',
      path: '/models',
      pointer: '/error',
      differsFrom: 'none',
      severity: 'low',
    },
  })
  writeFileSync(runbook, stringify(measured))
  bot = await startBot({
    ...town.env,
    LOG_LEVEL: 'trace',
    METRICS_TOKEN: CANARIES.metrics,
    JSON_TOKEN: CANARIES.json,
    GATE_TOKEN: CANARIES.gate,
  })
  town.pagerduty.subscribe({ url: `${town.url}/webhooks/pagerduty`, secrets: [CANARIES.webhook] })
}, 60_000)

afterAll(async () => {
  await town.stop()
  mirror.closeAllConnections()
  mirror.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('the secrets that incbot is given', () => {
  it('were used for what they are for, while everything failed at least once', async () => {
    const kubernetes = { status: 401, reason: 'Unauthorized', message: `Bearer ${CANARIES.kubernetes} is unknown` }
    town.kubernetes.failNext({ method: 'GET', path: /nodes/ }, kubernetes, 1)
    town.slack.failNext('chat.postMessage', { status: 500, body: 'no' }, 1)
    const reply = { status: 401, body: { error: { code: 2006, message: `Token ${CANARIES.pagerDuty} is unknown` } } }
    town.pagerduty.failNext({ path: /notes/ }, reply, 1)
    for (const index of [0, 1, 4])
      town.pagerduty.trigger({ serviceId: pagerDutyServiceId(index), title: `Trouble ${index}` })
    await until(
      'cards',
      () => channels.filter((one) => cardIn(one)).length >= 3,
      30_000,
      () => bot.logs.slice(-5).join('\n'),
    )
    const body = '{"event":{}}'
    const statuses = [
      await ask(`${bot.url}/webhooks/pagerduty`, {
        method: 'POST',
        body,
        headers: { 'x-pagerduty-signature': 'v1=0' },
      }),
      await ask(`${bot.url}/slack/events`, { method: 'POST', body }),
      await ask(`${bot.url}/v1/freezes/${SERVICE}`, { headers: { authorization: `Bearer ${CANARIES.gate}x` } }),
      await ask(`${bot.url}/v1/freezes/${SERVICE}`, { headers: { authorization: `Bearer ${CANARIES.gate}` } }),
      await ask(`${bot.url}/v1/freezes/${SERVICE}?deploy=${CANARIES.gate}&scope=x`, {
        headers: { authorization: `Bearer ${CANARIES.gate}` },
      }),
    ]
    expect(statuses).toEqual([401, 401, 401, 200, 400])
    for (const path of ['/metrics', '/healthz', '/readyz', '/audit']) await ask(`${bot.opsUrl}${path}`)
    expect(seen).toEqual(expect.arrayContaining([`Bearer ${CANARIES.metrics}`, `Bearer ${CANARIES.json}`]))
    expect(town.kubernetes.requests.some(({ status }) => status === 200)).toBe(true)
    expect(town.slack.calls.some(({ ok }) => ok)).toBe(true)
    expect(town.slack.calls.some(({ ok }) => !ok)).toBe(true)
    expect(bodies.join('\n')).toContain('broken-kubeconfig cannot be read')
  }, 60_000)

  it('are in nothing that was posted to Slack or PagerDuty', () => {
    const said = [
      JSON.stringify(town.slack.calls),
      JSON.stringify(town.slack.ephemerals),
      ...channels.map((channel) => JSON.stringify(town.slack.messages(channel))),
      JSON.stringify(town.pagerduty.requests),
    ].join('\n')
    expect(said).toContain('no such key Bearer [secret]')
    expect(canariesIn(said)).toEqual([])
  })

  it('are in no answer on either port', () => {
    expect(bodies.length).toBeGreaterThan(8)
    expect(canariesIn(bodies.join('\n'))).toEqual([])
  })

  it('are in no argument of the process, and in none of its lines', async () => {
    expect(canariesIn(readFileSync(`/proc/${bot.pid}/cmdline`, 'latin1'))).toEqual([])
    await bot.stop()
    const lines = bot.logs.join('\n')
    expect(lines).toContain('PagerDuty note given up')
    expect(lines).toContain('Deploy gate was asked')
    expect(canariesIn(lines)).toEqual([])
  }, 20_000)

  it('are in no file that incbot wrote, and others may not read those', () => {
    const files = readdirSync(town.dataDir, { recursive: true, encoding: 'utf8' }).map((name) =>
      join(town.dataDir, name),
    )
    const content = files.map((file) => readFileSync(file, 'latin1')).join('\n')
    expect(content).toContain(SERVICE)
    expect(canariesIn(content)).toEqual([])
    expect(statSync(town.dataDir).mode & 0o077).toBe(0)
  })
})

describe('a bot that cannot start says why without its secrets', () => {
  const cases: readonly (readonly [string, (env: Record<string, string>) => Record<string, string>])[] = [
    [
      'a secret where the path of its file belongs',
      (env) => ({ ...env, SLACK_BOT_TOKEN: '', SLACK_BOT_TOKEN_FILE: CANARIES.bot }),
    ],
    ['a secret with a space inside', (env) => ({ ...env, PAGERDUTY_API_TOKEN: `${CANARIES.pagerDuty} x` })],
    [
      'tokens in each other’s place',
      (env) => ({ ...env, SLACK_BOT_TOKEN: CANARIES.app, SLACK_APP_TOKEN: CANARIES.bot }),
    ],
    ['a password in an address', (env) => ({ ...env, SLACK_API_URL: `https://u:${CANARIES.bot}@x` })],
    ['a token in the configuration', (env) => ({ ...env, INCBOT_CONFIG: configWith(`tokenEnv: ${CANARIES.metrics}`) })],
    [
      'a password in the configuration',
      (env) => ({ ...env, INCBOT_CONFIG: configWith(`url: http://u:${CANARIES.metrics}@x`) }),
    ],
    [
      'a configuration that is no YAML',
      (env) => ({ ...env, INCBOT_CONFIG: configWith(`tokenEnv: [${CANARIES.metrics}`) }),
    ],
    ['an app token that Slack does not know', (env) => ({ ...env, SLACK_APP_TOKEN: `${CANARIES.app}-x` })],
  ]
  const configWith = (line: string): string => {
    const file = join(directory, 'wrong.yaml')
    writeFileSync(file, `dataSources:\n  metrics:\n    type: prometheus\n    ${line}\n`)
    return file
  }

  it.each(cases)(
    '%s',
    async (_what, change) => {
      const env = Object.fromEntries(Object.entries(change(town.env)).filter(([, value]) => value !== ''))
      const child = spawn(process.execPath, [MAIN, 'serve'], { env: { PATH: process.env.PATH ?? '', ...env } })
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (said += text))
      const code = await new Promise((resolve) => child.once('close', resolve))
      expect(code).not.toBe(0)
      expect(said.length).toBeGreaterThan(40)
      expect(canariesIn(said)).toEqual([])
    },
    20_000,
  )
})

function cardIn(channel: string): boolean {
  return town.slack.messages(channel).some(({ text }) => /checks answered/.test(text))
}
