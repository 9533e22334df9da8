import type { Freeze } from '../domain/freeze.ts'
import type { Incident } from '../domain/incident.ts'
import type { Versioned } from '../store/store.ts'
import type { Ports } from './ports.ts'

/** More are not looked at, and so not remembered: some tens of megabytes. */
const OPEN_INCIDENTS = 1_000

/** What the store said last. */
export interface Recalled {
  /** When it was asked, ms since the epoch. */
  readonly at: number
  /** The open ones, newest first. */
  readonly incidents: readonly Incident[]
  readonly freezes: readonly Freeze[]
}

/** What is open and what is frozen, as this replica read it last: for people who ask while the store does not answer. Decides nothing. */
export interface Recall {
  /** Reads again what has changed since; one at a time. Resolves with what is remembered from now on, rejects as the store does. */
  look(): Promise<Recalled>
  /** Undefined until the store has answered once. */
  last(): Recalled | undefined
}

export function createRecall({ store, now }: Pick<Ports, 'store' | 'now'>): Recall {
  let last: Recalled | undefined
  const known = new Map<string, Versioned<Incident>>()

  async function openIncidents(): Promise<readonly Incident[]> {
    const open = await store.openVersions(OPEN_INCIDENTS)
    const changed = open.filter(({ id, version }) => known.get(id)?.version !== version)
    await Promise.all(changed.map(({ id }) => read(id)))
    const ids = new Set(open.map(({ id }) => id))
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id)
    return open.flatMap(({ id }) => known.get(id)?.value ?? [])
  }

  async function read(id: string): Promise<void> {
    const stored = await store.incident(id)
    if (stored !== undefined) known.set(id, stored)
  }

  return {
    async look() {
      const at = now()
      const [incidents, freezes] = await Promise.all([openIncidents(), store.activeFreezes(at)])
      last = { at, incidents, freezes }
      return last
    },
    last: () => last,
  }
}
