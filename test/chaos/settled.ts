import { setTimeout as sleep } from 'node:timers/promises'
import type { MortalBot } from './mortal-bot.ts'
import type { Town } from './town.ts'

/** Whatever Slack's budget of edits or a retry has put off comes within a minute, and then its own consequences. */
const SETTLED_WITHIN_MS = 120_000
const FIGURES = ['incbot_inbox_events', 'incbot_due_items', 'incbot_jobs_waiting']

/** Nothing is under way any more: PagerDuty has delivered all, no bot has anything due, and nobody has changed anything for a while. */
export async function settled(town: Town, ...bots: readonly MortalBot[]): Promise<void> {
  await settledWithin(SETTLED_WITHIN_MS, town, bots)
}

/** The same, with as much patience as the caller has. */
export async function settledWithin(withinMs: number, town: Town, bots: readonly MortalBot[]): Promise<void> {
  await within(town.pagerduty.settled(), withinMs, 'PagerDuty to deliver its last webhook')
  const end = Date.now() + withinMs
  let quietSince = Date.now()
  let calls = -1
  for (;;) {
    const all = await Promise.all(bots.map((bot) => bot.metrics()))
    const idle = all.every((figures) => FIGURES.every((one) => figures?.get(one) === 0))
    // Questions change nothing: the sweep of PagerDuty and whoever looks whether Slack answers go on for ever.
    const now =
      town.slack.calls.filter(({ method }) => method !== 'auth.test').length +
      town.pagerduty.requests.filter(({ method }) => method !== 'GET').length
    if (!idle || now !== calls) quietSince = Date.now()
    calls = now
    if (Date.now() - quietSince > 3_000) return
    if (Date.now() > end)
      throw new Error(
        `${bots.length === 1 ? 'The bot' : 'The bots'} did not settle within ${withinMs / 1000} s: ${JSON.stringify(all.map((figures) => [...(figures ?? [])].filter(([key]) => /inbox|due|jobs_w|slack_calls_w/.test(key))))} ${bots.flatMap(({ logs }) => logs.slice(-8).map((line) => line.slice(0, 1_000))).join('\n')}`,
      )
    await sleep(100)
  }
}

async function within<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${ms / 1000} s for ${what}.`)), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
