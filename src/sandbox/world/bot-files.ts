import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { credentials, type Office } from './office.ts'
import type { BotFileOptions, BotFiles } from './world.ts'

export const GATE_TOKEN_VARIABLE = 'INCBOT_GATE_TOKEN_CI'

export interface BotFileContents extends BotFileOptions {
  /** incbot.yaml; gets the paths of the kubeconfigs by their names. */
  readonly config: (path: (name: string) => string) => object
  /** YAML by file name. */
  readonly kubeconfigs: Readonly<Record<string, string>>
}

/** Writes configuration and kubeconfigs, chooses two free ports, and points Slack and PagerDuty at them. */
export async function writeBotFiles(
  directory: string,
  { slack, pagerduty }: Office,
  { config, kubeconfigs, runbooks = 'runbooks' }: BotFileContents,
): Promise<BotFiles> {
  const path = (name: string): string => resolve(directory, name)
  await mkdir(directory, { recursive: true })
  // A kubeconfig holds a token, so it is for its owner only.
  const files = { ...kubeconfigs, 'incbot.yaml': stringify(config(path)) }
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(path(name), text, { mode: 0o600 })))
  const [port, opsPort] = await freePorts()
  const url = `http://127.0.0.1:${port}`
  slack.requestUrl = `${url}/slack/events`
  pagerduty.subscribe({ url: `${url}/webhooks/pagerduty`, secrets: [credentials.pagerDutyWebhookSecret] })
  return {
    url,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    env: {
      INCBOT_CONFIG: path('incbot.yaml'),
      INCBOT_RUNBOOKS: resolve(runbooks),
      INCBOT_DATA_DIR: join(resolve(directory), 'data'),
      HOST: '127.0.0.1',
      PORT: String(port),
      OPS_PORT: String(opsPort),
      SLACK_BOT_TOKEN: credentials.slackBotToken,
      SLACK_SIGNING_SECRET: credentials.slackSigningSecret,
      SLACK_API_URL: slack.url,
      PAGERDUTY_WEBHOOK_SECRETS: credentials.pagerDutyWebhookSecret,
      PAGERDUTY_API_TOKEN: credentials.pagerDutyToken,
      PAGERDUTY_FROM: 'incbot@example.com',
      PAGERDUTY_API_URL: pagerduty.url,
      PAGERDUTY_EVENTS_URL: pagerduty.eventsUrl,
      [GATE_TOKEN_VARIABLE]: credentials.gateToken,
    },
  }
}

/** Two ports that were free just now; both are held until both are known, so that they differ. */
async function freePorts(): Promise<readonly [number, number]> {
  const [first, second] = await Promise.all([holdPort(), holdPort()])
  await Promise.all([first.release(), second.release()])
  return [first.port, second.port]
}

async function holdPort(): Promise<{ readonly port: number; release(): Promise<void> }> {
  const server = createServer()
  await new Promise<void>((listening, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', listening)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.')
  return { port: address.port, release: () => new Promise((closed) => server.close(() => closed())) }
}
