import { setTimeout as sleep } from 'node:timers/promises'
import type { SlackMessage } from '../../src/sandbox/slack/index.ts'
import type { Random } from '../../src/sandbox/world/random.ts'
import type { Chronicle } from './chronicle.ts'
import { listenForExcuses } from './excuses.ts'
import { APPROVER, BYSTANDER, pagerDutyServiceId, SERVICES, serviceName, type Town } from './town.ts'
import type { WebhookRelay } from './webhook-relay.ts'

export type PagerDutyStatus = 'triggered' | 'acknowledged' | 'resolved'

export interface LivingIncident {
  readonly id: string
  readonly service: string
  /** As PagerDuty has it. */
  status: PagerDutyStatus
}

/** A press of a button and what the presser's Slack saw. */
export interface Press {
  readonly incidentId: string
  readonly remediationId: string
  readonly user: string
  /** Whether the bot acknowledged it, and soon enough to have it recorded by then. */
  readonly taken: boolean
}

export interface Life {
  readonly incidents: readonly LivingIncident[]
  readonly presses: readonly Press[]
  /** Resolves when all incidents have gone through their steps. */
  readonly over: Promise<void>
}

/** Two steps of one incident within one second would be one and the same transition to whoever knows PagerDuty's REST times only. */
const STEP_MS = { low: 1_100, high: 1_900 }
/** Later than this the bot says that it is still working on it. */
const TAKEN_WITHIN_MS = 2_000
/** Share of presses that are delivered twice. */
const REPEATED = 0.5

/** What PagerDuty and people do around one bot, by chance but repeatable: incidents come, change and end; buttons are pressed, some twice. */
export function live(options: {
  readonly town: Town
  readonly relay: WebhookRelay
  readonly random: Random
  readonly chronicle: Chronicle
  readonly incidents: number
  readonly steps: number
  /** Whether PagerDuty delivers everything twice, one after the other; it does unless told otherwise. */
  readonly doubled?: boolean
}): Life {
  const { town, relay, random, chronicle } = options
  const incidents: LivingIncident[] = []
  const presses: Press[] = []
  const errands: Promise<void>[] = []
  const offered = new Set<string>()
  const excuses = listenForExcuses(town)

  async function incident(index: number): Promise<void> {
    await sleep(random.between(0, 4_000))
    const service = index % SERVICES
    const { id } = town.pagerduty.trigger({ serviceId: pagerDutyServiceId(service), title: `Trouble ${index}` })
    const one: LivingIncident = { id, service: serviceName(service), status: 'triggered' }
    incidents.push(one)
    for (let step = 0; step < options.steps; step += 1) {
      await sleep(random.between(STEP_MS.low, STEP_MS.high))
      move(one, step)
      if (random.between(0, 1) < 0.3) later(() => repeatOne(id))
    }
  }

  function move(one: LivingIncident, step: number): void {
    const { pagerduty } = town
    const chance = random.between(0, 1)
    if (one.status === 'resolved') {
      pagerduty.reopen(one.id)
      one.status = 'triggered'
    } else if (chance < 0.2 || (chance < 0.45 && step % 4 === 3)) {
      pagerduty.resolve(one.id)
      one.status = 'resolved'
    } else if (chance < 0.55) {
      pagerduty.annotate(one.id, `Step ${step}`)
    } else if (one.status === 'triggered') {
      pagerduty.acknowledge(one.id)
      one.status = 'acknowledged'
    } else {
      pagerduty.unacknowledge(one.id)
      one.status = 'triggered'
    }
    chronicle.note(one.id, `PagerDuty: ${one.status}`)
  }

  /** An old webhook once more, twice at the same time. */
  async function repeatOne(id: string): Promise<void> {
    await sleep(random.between(0, 1_500))
    const [first, ...others] = [...relay.seen.values()].filter(
      // One that got lost stays lost.
      ({ incidentId, statuses }) => incidentId === id && statuses.length > 0,
    )
    if (first === undefined) return
    const webhook = random.pick([first, ...others])
    await Promise.all([relay.again(webhook), relay.again(webhook)])
  }

  function later(errand: () => Promise<void>): void {
    errands.push(errand())
  }

  town.slack.on((event) => {
    if (event.type !== 'message' && event.type !== 'update') return
    for (const button of buttonsOf(event.message)) {
      if (offered.has(button.actionId)) continue
      offered.add(button.actionId)
      const chance = random.between(0, 1)
      const waitMs = random.between(20, 900)
      if (chance > 0.75) continue
      later(() => pressAfter(waitMs, event.channel, event.message.ts, button, chance < 0.15 ? BYSTANDER : APPROVER))
      if (chance < 0.35) later(() => pressAfter(waitMs + 5, event.channel, event.message.ts, button, APPROVER))
    }
  })

  /** Whoever sees that a press did not get through presses again, a few times. */
  async function pressAfter(ms: number, channel: string, ts: string, button: Button, user: string): Promise<void> {
    let taken: boolean | undefined = false
    for (let attempt = 0; attempt < 6 && taken === false; attempt += 1) {
      await sleep(attempt === 0 ? ms : 350)
      taken = await pressOnce(channel, ts, button, user)
    }
  }

  /** Whether the bot took it; undefined where the button was gone before the finger came down. */
  async function pressOnce(channel: string, ts: string, button: Button, user: string): Promise<boolean | undefined> {
    const { actionId, incidentId, remediationId } = button
    try {
      const pressedAt = Date.now()
      const delivery = await town.slack.click({ user, channel, ts, actionId })
      const { status, ackMs } = delivery
      // The same request once more, as a proxy or an impatient network sends it: it is the same press.
      if (random.between(0, 1) < REPEATED) later(() => town.slack.replay(delivery).then(() => undefined))
      const isExcused = status === 200 && (await excuses.made(user, channel, pressedAt))
      const taken = status === 200 && ackMs < TAKEN_WITHIN_MS && !isExcused
      presses.push({ incidentId, remediationId, user, taken })
      const answer = isExcused ? 'not recorded, and told so' : (status ?? 'no answer')
      chronicle.note(incidentId, `${user} pressed ${button.text} ${remediationId.slice(0, 6)}: ${answer}`)
      return status === 200 && !isExcused
    } catch {
      return undefined
    }
  }

  async function unfreezeSometimes(): Promise<void> {
    for (let index = 0; index < options.steps / 2; index += 1) {
      await sleep(random.between(1_000, 3_000))
      const name = serviceName(Math.floor(random.between(0, SERVICES)))
      const input = { user: APPROVER, channel: 'C0FALLBACK', command: '/inc', text: `unfreeze ${name}` }
      const { status } = await town.slack.command(input)
      chronicle.note(undefined, `/inc unfreeze ${name}: ${status ?? 'no answer'}`)
    }
  }

  async function everything(): Promise<void> {
    town.pagerduty.duplicate(options.doubled ?? true)
    await Promise.all([
      ...Array.from({ length: options.incidents }, (_, index) => incident(index)),
      unfreezeSometimes(),
    ])
    await Promise.all(errands)
  }

  return { incidents, presses, over: everything() }
}

interface Button {
  readonly actionId: string
  readonly text: string
  readonly incidentId: string
  readonly remediationId: string
}

/** incbot's buttons on a message that start something. */
export function buttonsOf(message: SlackMessage): readonly Button[] {
  // The stand-in keeps only blocks that passed its check of Block Kit.
  const blocks = (message.blocks ?? []) as readonly {
    readonly type: string
    readonly elements?: readonly { action_id?: string; value?: string; text?: { text: string } }[]
  }[]
  return blocks
    .filter(({ type }) => type === 'actions')
    .flatMap(({ elements = [] }) => elements)
    .filter(({ action_id = '' }) => action_id.startsWith('remediate'))
    .map(({ action_id = '', value = '', text }) => {
      const [incidentId = '', remediationId = ''] = value.split('|')
      return { actionId: action_id, text: text?.text ?? '', incidentId: incidentId.replace(/^pd-/, ''), remediationId }
    })
}
