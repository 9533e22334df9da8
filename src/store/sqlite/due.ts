import { requireTime } from '../require-time.ts'
import type { DueItem } from '../store.ts'
import type { Database } from './database.ts'

/** The due set. Writing calls belong into the caller's transaction. */
export function dueTable(database: Database) {
  const list = database.query<DueItem>('SELECT key, at, ticket FROM due WHERE at <= ? ORDER BY at, ticket LIMIT ?')
  const one = database.query<DueItem>('SELECT key, at, ticket FROM due WHERE key = ?')
  const next = database.query<{ at: number | null }>('SELECT min(at) AS at FROM due WHERE at > ?')
  // The earlier time stays: a wake-up that was promised is never postponed by another.
  const mark = database.query(
    'INSERT OR REPLACE INTO due (key, at) VALUES (?1, min(?2, coalesce((SELECT at FROM due WHERE key = ?1), ?2)))',
  )
  const settle = database.query('DELETE FROM due WHERE key = ? AND ticket = ?')
  const count = database.query<{ count: number }>('SELECT count(*) AS count FROM due WHERE at <= ?')

  const item = ({ key, at, ticket }: DueItem): DueItem => ({ key, at, ticket })
  return {
    list: (now: number, limit: number): readonly DueItem[] => list.all(now, limit).map(item),
    one: (key: string): DueItem | undefined => {
      const row = one.get(key)
      return row && item(row)
    },
    nextAt: (now: number): number | undefined => next.get(now)?.at ?? undefined,
    mark: (key: string, at: number) => {
      mark.run(key, requireTime(at))
    },
    settle: ({ key, ticket }: DueItem) => {
      settle.run(key, ticket)
    },
    count: (now: number) => count.get(now)?.count ?? 0,
  }
}
