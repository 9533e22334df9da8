import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import type { Store } from '../../../src/store/store.ts'

/** A directory for one test; `remove` it afterwards. */
export function temporaryDirectory(): { readonly directory: string; readonly remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'incbot-store-'))
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}

/** An empty SQLite store that can be closed and opened again. */
export async function temporaryStore(): Promise<{
  readonly store: Store
  readonly path: string
  readonly reopen: () => Promise<Store>
  readonly close: () => Promise<void>
}> {
  const { directory, remove } = temporaryDirectory()
  const path = join(directory, 'data', 'incbot.db')
  let current = await openSqliteStore({ path, ownerId: 'test' })
  return {
    store: current,
    path,
    reopen: async () => {
      await current.close()
      current = await openSqliteStore({ path, ownerId: 'test' })
      return current
    },
    close: async () => {
      await current.close()
      remove()
    },
  }
}
