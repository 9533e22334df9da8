import { setTimeout as sleep } from 'node:timers/promises'
import type { Lease, Store } from '../store/store.ts'
import { whileHeld } from './hold.ts'
import type { Hold, Logger } from './ports.ts'

/** Long enough to survive a busy event loop, short enough that a dead replica's work is taken over soon. */
const LEASE_MS = 15_000

export interface Activity {
  readonly key: string
  /** The lease that it needs, which may be that of another activity beside which it must not run; its key where absent. */
  readonly lease?: string
  readonly work: (hold: Hold) => Promise<void>
  /** Runs under the lease first; when it resolves false, nothing is started. */
  readonly before?: () => Promise<boolean>
  /** Runs when the lease is free again after the work was aborted: somebody may wait for it. */
  readonly letGo?: () => void
}

export interface Activities {
  /** Begins it unless this process runs it already or another holds its lease. `held-elsewhere` asks the caller to look again later. */
  start(activity: Activity): Promise<'started' | 'running' | 'held-elsewhere' | 'declined'>
  isRunning(key: string): boolean
  /** Aborts the running activities for which `unwanted` says so. */
  abortWhere(unwanted: (key: string) => boolean): void
  /**
   * Aborts everything but what `finishes`, and resolves when all has ended, or after `graceMs`, when the rest is aborted too: work that
   * ignores its signal must not hold up the end.
   */
  stop(graceMs: number, finishes: (key: string) => boolean): Promise<void>
}

/** Work that takes longer than an incident's lease: investigations, executions. One holder at a time, shown by a lease that it keeps renewing. */
export function createActivities(deps: {
  readonly store: Store
  readonly owner: string
  readonly now: () => number
  readonly log: Logger
}): Activities {
  const running = new Map<string, { readonly abort: AbortController; readonly ended: Promise<void> }>()

  async function hold({ key, work, letGo }: Activity, lease: Lease, abort: AbortController): Promise<void> {
    try {
      await whileHeld(deps, lease, LEASE_MS, abort, (held) => work(held).finally(() => running.delete(key)))
    } catch (error) {
      if (!abort.signal.aborted) deps.log.error({ err: error, key }, 'Activity failed')
    }
    if (abort.signal.aborted) letGo?.()
  }

  return {
    async start(activity) {
      const { key, before } = activity
      if (running.has(key)) return 'running'
      const lease = await deps.store.acquire(activity.lease ?? key, deps.owner, LEASE_MS, deps.now())
      if (lease === undefined) return running.has(key) ? 'running' : 'held-elsewhere'
      if (before !== undefined && !(await before())) {
        await deps.store.release(lease)
        return 'declined'
      }
      const abort = new AbortController()
      running.set(key, { abort, ended: Promise.resolve() })
      const ended = hold(activity, lease, abort)
      if (running.has(key)) running.set(key, { abort, ended })
      return 'started'
    },
    isRunning: (key) => running.has(key),
    abortWhere(unwanted) {
      for (const [key, { abort }] of running) if (unwanted(key)) abort.abort(new Error('No longer wanted'))
    },
    async stop(graceMs, finishes) {
      const all = [...running]
      for (const [key, { abort }] of all) if (!finishes(key)) abort.abort(new Error('Shutting down'))
      const ended = Promise.all(all.map(([, one]) => one.ended))
      await Promise.race([ended, sleep(graceMs, undefined, { ref: false })])
      for (const [, { abort }] of all) abort.abort(new Error('Shutting down'))
    },
  }
}
