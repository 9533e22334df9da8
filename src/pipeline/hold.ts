import type { Lease, Store } from '../store/store.ts'
import type { Hold, Logger } from './ports.ts'

/** The replicas' clocks may be this far apart: whoever holds a lease stops relying on it so much before it ends. */
const SKEW_MS = 1_000

export interface HoldDeps {
  readonly store: Pick<Store, 'renew' | 'release'>
  readonly now: () => number
  readonly log: Logger
}

/**
 * Works under a lease that is kept renewed, and releases it. `ending` is aborted by whoever wants the work to end, and here when the lease is
 * lost or could not be renewed in time. Rejects as `work` does.
 */
export async function whileHeld<T>(
  { store, now, log }: HoldDeps,
  lease: Lease,
  ttlMs: number,
  ending: AbortController,
  work: (hold: Hold) => Promise<T>,
): Promise<T> {
  let current = lease
  const isHeld = (): boolean => !ending.signal.aborted && now() < current.expiresAt - SKEW_MS

  async function renew(): Promise<void> {
    try {
      const renewed = await store.renew(current, ttlMs, now())
      if (renewed === undefined) ending.abort(new Error(`The lease ${lease.key} was lost`))
      else current = renewed
    } catch (error) {
      log.warn({ err: error, key: lease.key }, 'Lease could not be renewed')
      if (!isHeld()) ending.abort(new Error(`The lease ${lease.key} could not be renewed in time`))
    }
  }

  const heartbeat = setInterval(() => void renew(), ttlMs / 3).unref()
  try {
    return await work({ signal: ending.signal, isHeld })
  } finally {
    clearInterval(heartbeat)
    await store
      .release(current)
      .catch((error: unknown) => log.warn({ err: error, key: lease.key }, 'Lease could not be released'))
  }
}
