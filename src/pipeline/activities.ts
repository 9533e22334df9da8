import { setTimeout as sleep } from 'node:timers/promises'
import type { Lease, Store } from '../store/store.ts'
import type { Logger } from './ports.ts'

/** Long enough to survive a busy event loop, short enough that a dead replica's work is taken over soon. */
const LEASE_MS = 15_000

export interface Activities {
  /**
   * Runs `work` unless this process runs it already or another holds its lease. `held-elsewhere` asks the caller to look again later.
   * `before` runs under the lease first; when it resolves false, nothing is started.
   */
  start(
    key: string,
    work: (signal: AbortSignal) => Promise<void>,
    before?: () => Promise<boolean>,
  ): Promise<'started' | 'running' | 'held-elsewhere' | 'declined'>
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

  async function hold(
    lease: Lease,
    abort: AbortController,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    let current = lease
    const heartbeat = setInterval(() => {
      deps.store.renew(current, LEASE_MS, deps.now()).then(
        (renewed) => {
          if (renewed === undefined) abort.abort(new Error(`The lease ${lease.key} was lost`))
          else current = renewed
        },
        (error: unknown) => deps.log.warn({ err: error, key: lease.key }, 'Lease could not be renewed'),
      )
    }, LEASE_MS / 3).unref()
    try {
      await work(abort.signal)
    } catch (error) {
      if (!abort.signal.aborted) deps.log.error({ err: error, key: lease.key }, 'Activity failed')
    } finally {
      clearInterval(heartbeat)
      running.delete(lease.key)
      await deps.store
        .release(current)
        .catch((error: unknown) => deps.log.warn({ err: error, key: lease.key }, 'Lease could not be released'))
    }
  }

  return {
    async start(key, work, before) {
      if (running.has(key)) return 'running'
      const lease = await deps.store.acquire(key, deps.owner, LEASE_MS, deps.now())
      if (lease === undefined) return running.has(key) ? 'running' : 'held-elsewhere'
      if (before !== undefined && !(await before())) {
        await deps.store.release(lease)
        return 'declined'
      }
      const abort = new AbortController()
      running.set(key, { abort, ended: Promise.resolve() })
      const ended = hold(lease, abort, work)
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
