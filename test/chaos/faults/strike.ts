import { setTimeout as sleep } from 'node:timers/promises'
import type { Town } from '../town.ts'
import type { WebhookRelay } from '../webhook-relay.ts'
import type { Fleet } from './fleet.ts'
import type { Plan, PlannedFault } from './plan.ts'
import type { Storage } from './storage.ts'

/** Everything that a fault may touch. */
export interface Surroundings {
  readonly town: Town
  readonly fleet: Fleet
  readonly storage: Storage
  readonly relay: WebhookRelay
}

/** Longer than an incident is held, and than an activity is held (10 and 15 s). */
const PAST_LEASES_MS = { low: 11_000, high: 17_000 }
/** How far a clock may be off, ms: that of a bot alone longer than its leases last, those of several as far as incbot allows between them (1 s). */
export const clockMs = (storage: Plan['storage']): number => (storage === 'sqlite' ? 20_000 : 450)
const between = (strength: number, low: number, high: number): number => Math.round(low + strength * (high - low))

/** A change that is no dry run. */
const CHANGE = { method: 'PATCH', path: /^(?!.*dryRun).*(statefulsets|deployments)/ } as const
const NOTE = { method: 'POST', path: /notes$/ } as const
const QUESTION = { method: 'GET', path: /incidents/ } as const

/** Makes one thing go wrong. Resolves when it is over: at once for what the next call meets. */
export async function strike({ town, fleet, storage, relay }: Surroundings, fault: PlannedFault): Promise<void> {
  const { bot, strength } = fault
  const { slack, pagerduty, kubernetes, prometheus } = town
  switch (fault.kind) {
    case 'bot killed':
      return fleet.kill(bot, between(strength ** 3, 0, 4_000))
    case 'bot frozen':
      return fleet.freeze(bot, between(strength, 200, 4_000))
    case 'bot frozen past its leases':
      return fleet.freeze(bot, between(strength, PAST_LEASES_MS.low, PAST_LEASES_MS.high))
    case 'bot restarted':
      return fleet.restart(bot)
    case 'disk full':
      return fleet.fillDisk(bot, between(strength, 300, 4_000))
    case 'clock jumps':
      return fleet.bots[bot]?.shiftClock(between(strength, -clockMs(storage.kind), clockMs(storage.kind)))
    case 'redis killed':
      return storage.kill(between(strength ** 2, 0, 5_000))
    case 'redis frozen':
      return storage.freeze(between(strength, 200, 5_000))
    case 'redis restarted':
      return storage.restart()
    case 'webhook lost':
      return relay.failNext('lost')
    case 'webhook late':
      return relay.failNext('late')
    case 'webhook twice at once':
      return relay.failNext('twice')
    case 'webhook answer lost':
      return relay.failNext('answer-lost')
    case 'slack takes a message, says nothing':
      return slack.failNext('chat.postMessage', 'accept_then_timeout')
    case 'slack takes an edit, says nothing':
      return slack.failNext('chat.update', 'accept_then_timeout')
    case 'slack takes a file, says nothing':
      return slack.failNext('files.completeUploadExternal', 'accept_then_timeout')
    case 'slack 429':
      return slack.failNext(strength < 0.5 ? 'chat.postMessage' : 'chat.update', { status: 429, retryAfter: 1 })
    case 'slack 503':
      return slack.failNext(strength < 0.5 ? 'chat.postMessage' : 'chat.update', { status: 503 })
    case 'slack cuts a call':
      return slack.failNext(strength < 0.5 ? 'chat.postMessage' : 'chat.update', 'reset')
    case 'slack asks to reconnect':
      return slack.refreshConnections()
    case 'pagerduty takes a note, says nothing':
      return pagerduty.failNext(NOTE, 'accept_then_hang')
    case 'pagerduty 429':
      return pagerduty.failNext(strength < 0.5 ? NOTE : QUESTION, { status: 429, headers: { 'ratelimit-reset': '1' } })
    case 'pagerduty 500':
      return pagerduty.failNext(strength < 0.5 ? NOTE : QUESTION, { status: 500 })
    case 'pagerduty is not json':
      return pagerduty.failNext(QUESTION, 'not_json')
    case 'kubernetes changes, answer lost':
      return kubernetes.failNext(CHANGE, 'answer-lost')
    case 'kubernetes 409':
      return kubernetes.failNext(CHANGE, { status: 409, reason: 'Conflict' })
    case 'kubernetes 410':
      return kubernetes.failNext({ method: 'GET', path: /pods|nodes/ }, { status: 410, reason: 'Expired' })
    case 'kubernetes 500':
      return kubernetes.failNext({ method: 'GET' }, { status: 500, reason: 'InternalError' })
    case 'kubernetes cuts a read':
      return kubernetes.failNext({ method: 'GET' }, 'reset')
    case 'prometheus hangs':
      return prometheus.failNext('hang')
    case 'prometheus truncates':
      return prometheus.failNext('truncate')
    case 'prometheus wrong json':
      return prometheus.failNext({
        status: 200,
        body: '{"status":"success","data":{"resultType":"matrix","result":[{"values":"?"}]}}',
      })
    case 'prometheus 503':
      return prometheus.failNext({ status: 503, body: 'Service Unavailable' })
  }
}

/** Strikes when each one's time has come. Resolves when the last is over; rejects when one could not be carried out. */
export async function strikeAll(
  surroundings: Surroundings,
  faults: readonly PlannedFault[],
  onStrike: (fault: PlannedFault) => void,
): Promise<void> {
  const began = Date.now()
  const striking: Promise<void>[] = []
  for (const fault of faults) {
    await sleep(Math.max(0, began + fault.atMs - Date.now()))
    onStrike(fault)
    striking.push(strike(surroundings, fault))
  }
  await Promise.all(striking)
}
