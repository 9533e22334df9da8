import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type BotProcess, startBotProcess } from '../../src/cli/demo/bot-process.ts'
import type { SlackMessage } from '../../src/sandbox/slack/index.ts'
import { buttonsOf } from '../chaos/life.ts'
import { APPROVER, NAMESPACE, pagerDutyServiceId, serviceName, startTown, type Town } from '../chaos/town.ts'
import { until } from '../e2e/stage.ts'

const MAIN = join(process.env.INCBOT_DIST ?? 'dist', 'main.js')
const PODS = 12
/** Deployments have even numbers. */
const SERVICE = 0

let directory: string
let town: Town
let bot: BotProcess

beforeAll(async () => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'pipe' })
  } catch (cause) {
    const install = 'Install it: Debian `apt-get install kubernetes-client`, macOS `brew install kubectl`.'
    throw new Error(`This test needs kubectl on the PATH. ${install}`, { cause })
  }
  directory = await mkdtemp(join(tmpdir(), 'incbot-progress-'))
  town = await startTown(directory, { replicas: PODS, podStartMs: 4_000 })
  bot = await startBotProcess({ main: MAIN, env: town.env })
  town.pagerduty.subscribe({ url: `${bot.url}/webhooks/pagerduty`, secrets: [town.webhookSecret] })
}, 60_000)

afterAll(async () => {
  await bot.stop()
  await town.stop()
  await rm(directory, { recursive: true, force: true })
})

it(`a restart of ${PODS} pods shows how far it is, ends with its measurement, and kubectl agrees`, async () => {
  const shown: string[] = []
  let card: SlackMessage | undefined
  let channel = ''
  town.slack.on((event) => {
    if (event.type !== 'message' && event.type !== 'update') return
    if (event.message.metadata?.event_payload.key?.toString().endsWith(':card') !== true) return
    card = event.message
    channel = event.channel
    const [progress] = /\d+ of 12 pods[^\n]*/.exec(event.message.text) ?? []
    if (progress !== undefined && /⏳|hourglass/.test(event.message.text)) shown.push(progress)
  })
  const ready = await until('all pods ready', () => readyPods() === PODS, 30_000)
  expect(ready).toBe(true)
  town.pagerduty.trigger({ serviceId: pagerDutyServiceId(SERVICE), title: 'Trouble' })
  const button = await until(
    'the button',
    () => (card === undefined ? undefined : buttonsOf(card).find(({ text }) => text.startsWith('Restart'))),
    15_000,
  )
  if (card === undefined) throw new Error('The button is on the card.')
  await town.slack.click({ user: APPROVER, channel, ts: card.ts, actionId: button.actionId })
  await until('the rollout', () => shown.length > 0, 15_000)
  const status = await kubectl('rollout', 'status', `deployment/${serviceName(SERVICE)}`, '--timeout=60s')
  expect(status).toContain('successfully rolled out')
  const end = await until('the end', () => /12 of 12 pods are new and ready[^\n]*/.exec(card?.text ?? '')?.[0], 10_000)
  expect(end).toBeDefined()
  const verdict = await until('the measurement', () => /After “Restart[^\n]*/.exec(card?.text ?? '')?.[0], 15_000)
  process.stderr.write(
    `progress: ${new Set(shown).size} different states of ${PODS} pods shown in ${shown.length} edits; ${verdict}\n`,
  )
  expect(new Set(shown).size).toBeGreaterThanOrEqual(4)
}, 120_000)

function readyPods(): number {
  return town.kubernetes
    .list('Pod', NAMESPACE)
    .filter(({ metadata }) => metadata.labels?.app === serviceName(SERVICE))
    .filter(isReady).length
}

function isReady(pod: object): boolean {
  const { status } = pod as { status?: { conditions?: readonly { type: string; status: string }[] } } // a pod of the stand-in
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true
}

async function kubectl(...args: string[]): Promise<string> {
  const kubeconfig = join(directory, 'judge.yaml')
  await writeFile(kubeconfig, town.kubernetes.kubeconfig('incbot'), { mode: 0o600 })
  const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: directory }
  return new Promise((resolve, reject) => {
    execFile('kubectl', ['-n', NAMESPACE, ...args], { env, timeout: 70_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`kubectl ${args.join(' ')}: ${stdout}${stderr}`, { cause: error }))
      else resolve(`${stdout}${stderr}`)
    })
  })
}
