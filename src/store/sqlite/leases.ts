import { requireTime } from '../require-time.ts'
import type { Lease } from '../store.ts'
import type { Database } from './database.ts'

/** Fences of one opening of the file are below those of the next. */
const FENCES_OF_ONE_OPENING = 2 ** 32
/** The row of the table of leases that counts how often the file was opened. */
const OPENINGS = 'openings'

/** Whoever comes so long after a lease has ended is refused, whether anybody has taken it since or not. */
const REMEMBERED_MS = 3_600_000

/** No fence given out so far is larger. */
export function highestFence(database: Database): number {
  const row = database.query<{ fence: number }>('SELECT fence FROM leases WHERE key = ?').get(OPENINGS)
  return ((row?.fence ?? 0) + 1) * FENCES_OF_ONE_OPENING - 1
}

/** Every fence of the next opening will be larger than this one. */
export function raiseFences(database: Database, fence: number): void {
  database
    .query(`
      INSERT INTO leases (key, owner, fence, expires_at) VALUES (?1, NULL, ?2, 0)
      ON CONFLICT (key) DO UPDATE SET fence = max(fence, excluded.fence)`)
    .run(OPENINGS, Math.floor(fence / FENCES_OF_ONE_OPENING))
}

interface Given {
  readonly owner: string
  readonly fence: number
  readonly expiresAt: number
}

/**
 * Leases and their fences, in memory: the file is open in one process only, and whoever held a lease before is gone. What a lease must
 * not lose is that fences grow, so each opening begins, on the disk, where no earlier one has been, and all keys share one count: a key
 * can be forgotten, and its next fence is larger all the same.
 */
export function openLeases(database: Database) {
  const count = database.query<{ fence: number }>(`
    INSERT INTO leases (key, owner, fence, expires_at) VALUES (?1, NULL, 1, 0)
    ON CONFLICT (key) DO UPDATE SET fence = fence + 1 RETURNING fence`)
  const [openings] = count.all(OPENINGS)
  let lastFence = (openings?.fence ?? 0) * FENCES_OF_ONE_OPENING
  // The one that was given or renewed longest ago comes first.
  const newest = new Map<string, Given>()

  function keep(key: string, given: Given): void {
    newest.delete(key)
    newest.set(key, given)
  }

  function forgetEnded(now: number): void {
    for (const [key, { expiresAt }] of newest) {
      if (expiresAt > now - REMEMBERED_MS) return
      newest.delete(key)
    }
  }

  /** The lease as it is held now, if nothing has come between. */
  const current = ({ key, fence }: Lease): Given | undefined => {
    const given = newest.get(key)
    return given?.fence === fence ? given : undefined
  }

  return {
    acquire: (key: string, owner: string, ttlMs: number, now: number): Lease | undefined => {
      const expiresAt = requireTime(now + ttlMs)
      const holder = newest.get(key)
      if (holder && holder.owner !== owner && holder.expiresAt > now) return undefined
      lastFence += 1
      keep(key, { owner, fence: lastFence, expiresAt })
      forgetEnded(now)
      return { key, owner, fence: lastFence, expiresAt }
    },
    renew: (lease: Lease, ttlMs: number, now: number): Lease | undefined => {
      const expiresAt = requireTime(now + ttlMs)
      const holder = current(lease)
      if (holder === undefined || holder.expiresAt <= now) return undefined
      keep(lease.key, { ...holder, expiresAt })
      return { ...lease, expiresAt }
    },
    release: (lease: Lease) => {
      if (current(lease)) newest.delete(lease.key)
    },
    /** 0 where none was given out yet, or none within the last hour, and once it was released. */
    newestFence: (key: string) => newest.get(key)?.fence ?? 0,
  }
}

export type Leases = ReturnType<typeof openLeases>
