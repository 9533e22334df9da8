import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BotProcess, startBotProcess } from '../../src/cli/demo/bot-process.ts'
import type { Delivery, SlackMessage } from '../../src/sandbox/slack/index.ts'
import type { ModelServingOptions, ModelServingWorld } from '../../src/sandbox/world/index.ts'
import { people, startModelServingWorld } from '../../src/sandbox/world/index.ts'

const MAIN = join(process.env.INCBOT_DIST ?? 'dist', 'main.js')

export interface StageOptions {
  readonly world?: Partial<ModelServingOptions>
  /** Over the bot's environment. An empty text takes a variable away. */
  readonly env?: Readonly<Record<string, string>>
  /** Changes incbot.yaml's text. */
  readonly config?: (yaml: string) => string
  /** For how long incidents of one service join each other; by default never, so that each test has its own. */
  readonly groupWithin?: string
  /** Changes the text of every runbook. */
  readonly runbooks?: (yaml: string) => string
}

/** A world with a real bot in it. */
export interface Stage {
  readonly world: ModelServingWorld
  /** The process that runs now. */
  readonly bot: BotProcess
  /** Holds incbot.yaml, `runbooks` and `data`. */
  readonly directory: string
  /** The way to Slack; while it is closed, Slack is down. */
  readonly slackLine: Line
  /** Ends the bot and starts another one in the same world and with the same data. */
  restart(change?: Pick<StageOptions, 'config' | 'env'>): Promise<void>
  stop(): Promise<void>
}

/** Starts both; runbooks measure after one second what a remediation did, so that nobody waits for minutes. */
export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'incbot-e2e-'))
  const world = await startModelServingWorld({
    podStartMs: 300,
    podStopMs: 100,
    deployEveryMs: 24 * 3_600_000,
    paceMs: 250,
    incidentNumber: 1,
    ...options.world,
  })
  const runbooks = join(directory, 'runbooks')
  await cp('runbooks', runbooks, { recursive: true })
  const change = (yaml: string): string =>
    (options.runbooks ?? ((text) => text))(yaml.replace(/verifyAfter: \w+/, 'verifyAfter: 1s'))
  for (const name of await readdir(runbooks)) if (name.endsWith('.yaml')) await rewrite(join(runbooks, name), change)
  const files = await world.writeBotFiles(directory, { runbooks })
  const file = join(directory, 'incbot.yaml')
  await rewrite(file, (yaml) => `${yaml}\ngrouping: { within: ${options.groupWithin ?? 'off'} }\n`)
  if (options.config) await rewrite(file, options.config)
  const slackLine = await startLine(Number(new URL(world.slack.url).port))
  let env = withoutEmpty({ ...files.env, SLACK_API_URL: slackLine.url, ...options.env })
  if (env.SLACK_APP_TOKEN !== undefined) world.slack.requestUrl = undefined
  let bot = await startBotProcess({ main: MAIN, env })
  return {
    world,
    get bot() {
      return bot
    },
    directory,
    slackLine,
    async restart(changes = {}) {
      await bot.stop()
      if (changes.config) await rewrite(join(directory, 'incbot.yaml'), changes.config)
      env = withoutEmpty({ ...env, ...changes.env })
      bot = await startBotProcess({ main: MAIN, env })
    },
    async stop() {
      await bot.stop()
      await Promise.all([world.stop(), slackLine.stop()])
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')), { mode: 0o600 })
}

function withoutEmpty(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
}

/** A connection that can be down: what is under way is cut off, and nobody answers, as when a network is gone. */
export interface Line {
  readonly url: string
  close(): Promise<void>
  open(): Promise<void>
  stop(): Promise<void>
}

async function startLine(target: number): Promise<Line> {
  const sockets = new Set<Socket>()
  const hold = (socket: Socket): void => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }
  const serve = (): Server =>
    createServer((near) => {
      const far = connect(target, '127.0.0.1')
      hold(near)
      hold(far)
      near.pipe(far).pipe(near)
    })
  const listening = (server: Server, port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
  let server = serve()
  const port = await listening(server, 0)
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return {
    url: `http://127.0.0.1:${port}/api/`,
    close,
    async open() {
      server = serve()
      await listening(server, port)
    },
    stop: close,
  }
}

/** What `look` finds; rejects after `ms`, saying what was waited for and what there was instead. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  ms: number,
  instead: () => unknown = () => '',
): Promise<T> {
  const end = Date.now() + ms
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`Waited ${ms / 1000} s for ${what}. ${String(instead())}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** incbot's cards in a channel, oldest first. */
export function cards({ world }: Stage, channel: string = world.channel): readonly SlackMessage[] {
  return world.slack
    .messages(channel)
    .filter(({ metadata, deleted }) => !deleted && String(metadata?.event_payload.key).endsWith(':card'))
}

/** The one card of a PagerDuty incident, wherever it stands; fails when there are two. */
export function cardOf(
  stage: Stage,
  incidentId: string,
  channel: string = stage.world.channel,
): SlackMessage | undefined {
  const found = cards(stage, channel).filter(
    ({ metadata }) => metadata?.event_payload.key === `slack:pd-${incidentId}:card`,
  )
  if (found.length > 1) throw new Error(`There are ${found.length} cards of ${incidentId}`)
  return found[0]
}

/** Waits until the card of an incident says something. */
export function cardSays(stage: Stage, incidentId: string, what: RegExp, ms = 10_000, channel = stage.world.channel) {
  return until(
    `the card of ${incidentId} to say ${what}`,
    () => {
      const card = cardOf(stage, incidentId, channel)
      return card !== undefined && what.test(card.text) && card
    },
    ms,
    () => cardOf(stage, incidentId, channel)?.text ?? `There is no card. ${stage.bot.logs.slice(-3).join('\n')}`,
  )
}

export function threadOf(
  { world }: Stage,
  card: SlackMessage,
  channel: string = world.channel,
): readonly SlackMessage[] {
  return world.slack.thread(channel, card.ts).slice(1)
}

export interface Button {
  readonly actionId: string
  readonly text: string
}

export function buttonsOf(card: SlackMessage): readonly Button[] {
  // The stand-in keeps only blocks that passed its check of Block Kit.
  const blocks = (card.blocks ?? []) as readonly {
    type: string
    elements?: readonly { action_id: string; text: { text: string } }[]
  }[]
  return blocks
    .filter(({ type }) => type === 'actions')
    .flatMap(({ elements = [] }) => elements.map(({ action_id, text }) => ({ actionId: action_id, text: text.text })))
}

/** Presses the button whose text matches, as the approver unless told otherwise. */
export function press(
  stage: Stage,
  card: SlackMessage,
  text: RegExp,
  user: string = people.approver.id,
): Promise<Delivery> {
  const button = buttonsOf(card).find((one) => text.test(one.text))
  if (button === undefined)
    throw new Error(
      `There is no button ${text} among: ${buttonsOf(card)
        .map((one) => one.text)
        .join(', ')}`,
    )
  return stage.world.slack.click({ user, channel: stage.world.channel, ts: card.ts, actionId: button.actionId })
}

/** Types a command and waits for its answer, which only the typist sees. */
export async function command(stage: Stage, text: string, user: string = people.approver.id): Promise<string> {
  const { slack, channel } = stage.world
  const before = slack.ephemerals.length
  await slack.command({ user, channel, command: '/inc', text })
  const answer = await until(
    `an answer to /inc ${text}`,
    () => slack.ephemerals.slice(before).find((one) => one.user === user),
    5_000,
  )
  return answer.text
}

/** What the bot changed in the cluster, or tried to; a dry run changes nothing. */
export function changesOf({ world }: Stage): readonly unknown[] {
  return world.kubernetes.requests.filter(({ method, path }) => method === 'PATCH' && !path.includes('dryRun=All'))
}
