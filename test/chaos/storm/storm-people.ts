import { setTimeout as sleep } from 'node:timers/promises'
import type { SlackMessage } from '../../../src/sandbox/slack/index.ts'
import { buttonsOf } from '../life.ts'
import { APPROVER, BYSTANDER } from '../town.ts'
import type { StormTown } from './storm-town.ts'

/** How long people waited for what they asked for in the middle of a storm, ms. */
export interface PeopleFigures {
  readonly status: readonly number[]
  /** Somebody who may not pressed a button, and was told so. */
  readonly refused: readonly number[]
  /** Somebody who may pressed one, and the card said so, or incbot when the card will. */
  readonly approved: readonly number[]
}

const GIVES_UP_MS = 15_000
const EVERY_MS = 1_500

/** Asks for the status and presses buttons until `over`. */
export async function people({ slack, channelIds }: StormTown, over: AbortSignal): Promise<PeopleFigures> {
  const figures = { status: [] as number[], refused: [] as number[], approved: [] as number[] }
  const pressed = new Set<string>()
  const [channel = ''] = channelIds
  while (!over.aborted) {
    figures.status.push(await timed(() => slack.command({ user: APPROVER, channel, command: '/inc', text: 'status' })))
    const found = offered(slack.messages(channel), pressed)
    if (found !== undefined) {
      const { ts, actionId } = found
      figures.refused.push(await timed(() => refusal(slack, { user: BYSTANDER, channel, ts, actionId })))
      pressed.add(ts)
      figures.approved.push(await timed(() => cardOf(slack, { user: APPROVER, channel, ts, actionId })))
    }
    await sleep(EVERY_MS, undefined, { signal: over }).catch(() => undefined)
  }
  return figures
}

type Slack = StormTown['slack']
type Click = Parameters<Slack['click']>[0]

function offered(cards: readonly SlackMessage[], pressed: ReadonlySet<string>) {
  for (const card of cards) {
    const [button] = pressed.has(card.ts) ? [] : buttonsOf(card)
    if (button !== undefined) return { ts: card.ts, actionId: button.actionId }
  }
  return undefined
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return Math.round(performance.now() - start)
}

async function refusal(slack: Slack, click: Click): Promise<void> {
  const before = slack.ephemerals.length
  await slack.click(click)
  await until(() => slack.ephemerals.slice(before).some(({ user }) => user === click.user))
}

async function cardOf(slack: Slack, click: Click): Promise<void> {
  const before = slack.ephemerals.length
  await slack.click(click)
  await until(
    () =>
      slack.messages(click.channel).some(({ ts, text }) => ts === click.ts && text.includes(`<@${click.user}>`)) ||
      slack.ephemerals
        .slice(before)
        .some(({ user, text }) => user === click.user && text.includes('has recorded your press')),
  )
}

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + GIVES_UP_MS
  while (!isSo() && Date.now() < end) await sleep(10)
}
