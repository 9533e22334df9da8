import type { DueItem, Lease, Store } from '../../../src/store/store.ts'
import { NOW } from '../records.ts'

/** The store under test; each test has a fresh one. */
export type CurrentStore = () => Store

export const TTL_MS = 30_000

export async function leased(store: Store, key = 'incident:pd-Q1', owner = 'a', now = NOW): Promise<Lease> {
  const lease = await store.acquire(key, owner, TTL_MS, now)
  if (!lease) throw new Error(`${key} is held by somebody else`)
  return lease
}

export async function marked(store: Store, key: string): Promise<DueItem> {
  const item = await store.dueItem(key)
  if (!item) throw new Error(`${key} is not due`)
  return item
}
