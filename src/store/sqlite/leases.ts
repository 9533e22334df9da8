import { requireTime } from '../require-time.ts'
import type { Lease } from '../store.ts'
import type { Database } from './database.ts'

/** Leases and their fences. Every call belongs into the caller's transaction. */
export function leaseTable(database: Database) {
  const clear = database.query('UPDATE leases SET owner = NULL, expires_at = 0 WHERE owner IS NOT NULL')
  const acquire = database.query<{ fence: number }>(`
    INSERT INTO leases (key, owner, fence, expires_at) VALUES (?1, ?2, 1, ?3)
    ON CONFLICT (key) DO UPDATE SET owner = ?2, fence = fence + 1, expires_at = ?3
      WHERE owner IS NULL OR owner = ?2 OR expires_at <= ?4
    RETURNING fence`)
  // A released lease has expired long ago.
  const renew = database.query('UPDATE leases SET expires_at = ? WHERE key = ? AND fence = ? AND expires_at > ?')
  const release = database.query('UPDATE leases SET owner = NULL, expires_at = 0 WHERE key = ? AND fence = ?')
  const newest = database.query<{ fence: number }>('SELECT fence FROM leases WHERE key = ?')

  return {
    clear: () => {
      clear.run()
    },
    acquire: (key: string, owner: string, ttlMs: number, now: number): Lease | undefined => {
      const expiresAt = requireTime(now + ttlMs)
      const [row] = acquire.all(key, owner, expiresAt, now)
      return row && { key, owner, fence: row.fence, expiresAt }
    },
    renew: (lease: Lease, ttlMs: number, now: number): Lease | undefined => {
      const expiresAt = requireTime(now + ttlMs)
      const renewed = renew.run(expiresAt, lease.key, lease.fence, now)
      return renewed > 0 ? { ...lease, expiresAt } : undefined
    },
    release: ({ key, fence }: Lease) => {
      release.run(key, fence)
    },
    /** 0 where none was given out yet. */
    newestFence: (key: string) => newest.get(key)?.fence ?? 0,
  }
}
