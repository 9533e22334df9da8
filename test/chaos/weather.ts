import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../src/sandbox/world/random.ts'
import type { Chronicle } from './chronicle.ts'
import type { Town } from './town.ts'

const GAP_MS = { low: 500, high: 1_500 }

/** Bad days of everybody else, in between the bot's own: answers that get lost after the deed was done, cut connections, refusals to work. */
export async function badWeather(town: Town, random: Random, chronicle: Chronicle, over: AbortSignal): Promise<void> {
  const faults: readonly [Fault, ...Fault[]] = [
    ['Slack takes a message and does not say so', () => town.slack.failNext('chat.postMessage', 'accept_then_timeout')],
    ['Slack takes an edit and does not say so', () => town.slack.failNext('chat.update', 'accept_then_timeout')],
    ['Slack cuts a connection', () => town.slack.failNext('chat.postMessage', 'reset')],
    ['Slack has a 503', () => town.slack.failNext('chat.postMessage', { status: 503 })],
    ['Slack asks for patience', () => town.slack.failNext('chat.update', { status: 429, retryAfter: 1 })],
    ['Slack takes a file and does not say so', () => town.slack.failNext('files.completeUploadExternal', 'reset')],
    [
      'Kubernetes restarts and the answer is lost',
      () =>
        town.kubernetes.failNext({ method: 'PATCH', path: /^(?!.*dryRun).*(statefulsets|deployments)/ }, 'answer-lost'),
    ],
    [
      'Kubernetes has a 500',
      () => town.kubernetes.failNext({ method: 'GET', path: /pods/ }, { status: 500, reason: 'InternalError' }),
    ],
    [
      'PagerDuty takes a note and does not say so',
      () => town.pagerduty.failNext({ method: 'POST', path: /notes$/ }, 'accept_then_hang'),
    ],
    ['PagerDuty has a 500', () => town.pagerduty.failNext({ path: /notes$/ }, { status: 500 })],
  ]
  while (!over.aborted) {
    await sleep(random.between(GAP_MS.low, GAP_MS.high), undefined, { signal: over }).catch(() => undefined)
    if (over.aborted) return
    const [what, order] = random.pick(faults)
    order()
    chronicle.note(undefined, `(from now on: ${what}, once)`)
  }
}

type Fault = readonly [what: string, order: () => void]
