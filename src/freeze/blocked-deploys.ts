import { setTimeout as sleep } from 'node:timers/promises'
import type { IncidentEvent } from '../domain/event.ts'
import type { BlockedDeploy, Freeze } from '../domain/freeze.ts'
import { within } from '../ops/deadline.ts'
import type { Logger } from '../pipeline/ports.ts'

/** Stores an event of an incident; what has one of these keys already is not stored again. It is the pipeline's `receive`. */
export type Report = (incidentId: string, event: IncidentEvent, dedupKeys: readonly string[]) => Promise<unknown>

/** Tells the incidents of freezes which deploys these refused. */
export interface BlockedDeploys {
  /** Returns at once and never throws. */
  note(freezes: readonly Freeze[], deploy: BlockedDeploy): void
  /** How many still have to be told. */
  waiting(): number
  /** Tells what it can until `graceMs` are over; what is lost is logged. */
  stop(graceMs: number): Promise<void>
}

export interface BlockedDeploysOptions {
  readonly report: Report
  readonly log: Logger
  readonly retryAfterMs?: number
  readonly reportWithinMs?: number
}

interface Refused {
  readonly key: string
  readonly freeze: Freeze
  readonly deploy: BlockedDeploy
}

const MOST_WAITING = 1_000
/** A pipeline that asks for the same deploy again and again is one refused deploy; the store knows that for longer than this. */
const MOST_REMEMBERED = 5_000
/** Of one freeze and holder. Whoever leaks a token must not be able to fill an incident's record. */
const MOST_PER_MINUTE = 60
const MINUTE_MS = 60_000

/**
 * One event for each freeze, holder and deploy, or minute where a deploy has no name. While the store is away they wait, in order; what has to be
 * dropped is counted in the log, so that no refused deploy is lost in silence.
 */
export function createBlockedDeploys(options: BlockedDeploysOptions): BlockedDeploys {
  const { report, log, retryAfterMs = 5_000, reportWithinMs = 10_000 } = options
  const queue: Refused[] = []
  const seen = new Set<string>()
  const inMinute = new Map<string, number>()
  const stopping = new AbortController()
  let minute = 0
  let dropped = 0
  let draining: Promise<void> | undefined

  function drop(freeze: string, holder: string, why: string): void {
    dropped += 1
    // Each power of ten: a flood must not flood the log as well.
    if (/^10*$/.test(String(dropped))) log.error({ dropped, freeze, holder, why }, 'Refused deploys were not recorded')
  }

  function isTooOften({ freeze, deploy }: Refused): boolean {
    const now = Math.floor(deploy.at / MINUTE_MS)
    if (now !== minute) inMinute.clear()
    minute = now
    const of = `${freeze.id}:${deploy.holder}`
    const count = (inMinute.get(of) ?? 0) + 1
    inMinute.set(of, count)
    return count > MOST_PER_MINUTE
  }

  function take(one: Refused): void {
    if (seen.has(one.key)) return
    const why = isTooOften(one)
      ? `more than ${MOST_PER_MINUTE} a minute`
      : queue.length >= MOST_WAITING
        ? `${MOST_WAITING} wait already`
        : undefined
    if (why !== undefined) {
      drop(one.freeze.id, one.deploy.holder, why)
      return
    }
    queue.push(one)
    seen.add(one.key)
    const [oldest] = seen
    if (seen.size > MOST_REMEMBERED && oldest !== undefined) seen.delete(oldest)
  }

  async function drain(): Promise<void> {
    for (let [next] = queue; next !== undefined; [next] = queue) {
      const { key, freeze, deploy } = next
      try {
        const event = { type: 'deploy-blocked', freezeId: freeze.id, deploy } as const
        await within(reportWithinMs, () => report(freeze.incidentId, event, [key]))
        queue.shift()
      } catch (error) {
        log.warn({ err: error, freeze: freeze.id, waiting: queue.length }, 'Refused deploys wait to be recorded')
        if (stopping.signal.aborted) return
        await sleep(retryAfterMs, undefined, { ref: false, signal: stopping.signal }).catch(() => undefined)
      }
    }
  }

  function start(): void {
    draining ??= drain().finally(() => {
      draining = undefined
      if (queue.length > 0 && !stopping.signal.aborted) start()
    })
  }

  return {
    note(freezes, deploy) {
      for (const freeze of freezes) take({ key: keyOf(freeze, deploy), freeze, deploy })
      start()
    },
    waiting: () => queue.length,
    async stop(graceMs) {
      stopping.abort()
      const lastTry = Promise.resolve(draining).then(drain)
      await Promise.race([lastTry, sleep(graceMs, undefined, { ref: false })])
      if (queue.length > 0) log.error({ lost: queue.length }, 'Refused deploys were not recorded before the end')
    },
  }
}

function keyOf(freeze: Freeze, { holder, deploy, at }: BlockedDeploy): string {
  const which = deploy === undefined ? `minute:${Math.floor(at / MINUTE_MS)}` : `deploy:${deploy}`
  return `blocked:${freeze.id}:${holder}:${which}`
}
