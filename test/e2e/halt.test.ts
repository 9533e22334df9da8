import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type BotProcess, startBotProcess } from '../../src/cli/demo/bot-process.ts'
import type { SlackMessage } from '../../src/sandbox/slack/index.ts'
import { APPROVER, NAMESPACE, pagerDutyServiceId, serviceName, startTown, type Town } from '../chaos/town.ts'
import { until } from './stage.ts'

const MAIN = join(process.env.INCBOT_DIST ?? 'dist', 'main.js')
/** Deployments have even numbers. */
const SERVICE = 2
const CHANNEL = `C0SERVICE${SERVICE}`

let directory: string
let town: Town
let bot: BotProcess

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'incbot-halt-'))
  town = await startTown(directory, { replicas: 4, podStartMs: 200 })
  bot = await startBotProcess({ main: MAIN, env: town.env })
  town.pagerduty.subscribe({ url: `${bot.url}/webhooks/pagerduty`, secrets: [town.webhookSecret] })
  await until('four pods', () => pods().length === 4, 10_000)
}, 60_000)

afterAll(async () => {
  await bot.stop()
  await town.stop()
  await rm(directory, { recursive: true, force: true })
})

const pods = () =>
  town.kubernetes.list('Pod', NAMESPACE).filter(({ metadata }) => metadata.labels?.app === serviceName(SERVICE))

const deployment = () => {
  const found = town.kubernetes.get('Deployment', NAMESPACE, serviceName(SERVICE))
  return found as unknown as { metadata: { generation: number }; spec: { paused?: boolean } } // as the stand-in keeps it
}

function card(): SlackMessage | undefined {
  return town.slack.messages(CHANNEL).find(({ metadata }) => String(metadata?.event_payload.key).endsWith(':card'))
}

async function press(which: RegExp): Promise<void> {
  const { ts, actionId } = await until(
    `the button ${String(which)}`,
    () => {
      const message = card()
      // The stand-in keeps only blocks that passed its check of Block Kit.
      const blocks = (message?.blocks ?? []) as readonly {
        readonly elements?: readonly { action_id?: string; text?: { text?: string } }[]
      }[]
      const button = blocks.flatMap(({ elements = [] }) => elements).find(({ text }) => which.test(text?.text ?? ''))
      return message && button?.action_id !== undefined ? { ts: message.ts, actionId: button.action_id } : undefined
    },
    20_000,
    () => card()?.text,
  )
  await town.slack.click({ user: APPROVER, channel: CHANNEL, ts, actionId })
}

const says = (what: RegExp, ms = 20_000): Promise<string> =>
  until(
    String(what),
    () => what.exec(card()?.text ?? '')?.[0],
    ms,
    () => card()?.text,
  )

describe('a restart whose new pods are killed for memory', () => {
  it('is paused, and says which pod and why', async () => {
    town.kubernetes.onPodRunning(({ metadata }) => {
      const isNew = metadata.annotations?.['kubectl.kubernetes.io/restartedAt'] !== undefined
      if (!isNew || deployment().spec.paused === true) return
      setTimeout(() => {
        // The rollback may have replaced it by then.
        if (!pods().some((pod) => pod.metadata.name === metadata.name)) return
        town.kubernetes.killPod(NAMESPACE, metadata.name, { reason: 'OOMKilled', exitCode: 137 })
      }, 50)
    })
    town.pagerduty.trigger({ serviceId: pagerDutyServiceId(SERVICE), title: 'Trouble' })
    await press(/^Restart/)
    const line = await says(/[^\n]*OOMKilled[^\n]*/)
    await until('the pause', () => deployment().spec.paused === true, 10_000)
    expect(line).toMatch(/paused|halt|stopp/i)
  }, 60_000)

  it('is offered to be taken back, and comes back to what ran before once somebody agrees', async () => {
    const before = deployment().metadata.generation
    await press(/^Roll /)
    const end = await says(/:white_check_mark: \*Roll [^\n]*/, 30_000)
    process.stderr.write(`e2e: after the rollback: ${end}\n`)
    expect(deployment().spec.paused ?? false).toBe(false)
    expect(deployment().metadata.generation).toBeGreaterThan(before)
    await until('four ready pods', () => pods().length === 4, 20_000)
  }, 60_000)
})
