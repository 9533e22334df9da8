import type { Logger } from '../pipeline/ports.ts'
import type { Store } from '../store/store.ts'

/** When each pipeline asked the gate last about each service: the only sign that it asks at all. */
export interface AskedMemory {
  /** It asks now. Returns at once; what is written is written behind its back. */
  note(holder: string, service: string): void
  /** ms since the epoch; undefined where it never asked. */
  last(holder: string, service: string): number | undefined
  /** Takes over what was written for these, before a restart or by another replica, where it is later. Rejects when the store does not answer. */
  load(holders: readonly string[], services: readonly string[]): Promise<void>
  /** Writes what was not written yet. Never rejects. */
  flush(): Promise<void>
}

export interface AskedMemoryOptions {
  readonly store: Pick<Store, 'setting' | 'setSetting'>
  readonly now: () => number
  readonly log: Logger
  readonly writeEveryMs?: number
}

interface Asked {
  readonly setting: string
  at: number
  /** What is on record; undefined where nothing is. */
  writtenAt: number | undefined
  writing: boolean
}

/** Names of holders and services have no colon. */
const settingOf = (holder: string, service: string): string => `gate-asked:${holder}:${service}`

/**
 * Holds one moment for each pair of token and service that are configured, so it cannot grow. A crash loses at most `writeEveryMs`, and the moment
 * on record is then earlier than the true one, never later.
 */
export function createAskedMemory(options: AskedMemoryOptions): AskedMemory {
  const { store, now, log, writeEveryMs = 30_000 } = options
  const pairs = new Map<string, Asked>()

  async function write(pair: Asked): Promise<void> {
    const { at } = pair
    if (pair.writing || at === pair.writtenAt) return
    pair.writing = true
    try {
      await store.setSetting(pair.setting, String(at))
      pair.writtenAt = at
    } catch (error) {
      log.warn({ err: error, setting: pair.setting }, 'When a pipeline asked last could not be written down')
    } finally {
      pair.writing = false
    }
  }

  return {
    note(holder, service) {
      const setting = settingOf(holder, service)
      const pair = pairs.get(setting) ?? { setting, at: 0, writtenAt: undefined, writing: false }
      pair.at = now()
      pairs.set(setting, pair)
      const isDue = pair.writtenAt === undefined || Math.abs(pair.at - pair.writtenAt) >= writeEveryMs
      if (isDue) void write(pair)
    },
    last: (holder, service) => pairs.get(settingOf(holder, service))?.at,
    async load(holders, services) {
      const settings = holders.flatMap((holder) => services.map((service) => settingOf(holder, service)))
      for (const setting of settings) {
        const at = Number(await store.setting(setting))
        const known = pairs.get(setting)
        if (!Number.isSafeInteger(at) || at <= (known?.at ?? 0)) continue
        if (known) Object.assign(known, { at, writtenAt: at })
        else pairs.set(setting, { setting, at, writtenAt: at, writing: false })
      }
    },
    async flush() {
      await Promise.all([...pairs.values()].map(write))
    },
  }
}
