import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Chronicle } from '../chronicle.ts'
import type { Town } from '../town.ts'
import type { Plan } from './plan.ts'
import { redisStorage } from './redis-storage.ts'
import { sentinelStorage } from './sentinel-storage.ts'

/** Where the bots keep their records, and what can go wrong there. */
export interface Storage {
  readonly kind: Plan['storage']
  /** What tells the bots of it. */
  readonly env: Readonly<Record<string, string>>
  /** kill -9, and back on what it had on disk after `downMs`. */
  kill(downMs: number): Promise<void>
  /** SIGSTOP for `ms`: connected, and silent. */
  freeze(ms: number): Promise<void>
  /** Ended in order and started again. */
  restart(): Promise<void>
  /** Keys that are due while the bots run, for whoever wonders what they still do. */
  due(): Promise<string>
  /** For the judge, when all bots have ended. */
  open(): Promise<Store>
  stop(): Promise<void>
}

/** A file that dies with its bot, and with it alone. */
function sqliteStorage({ dataDir }: Pick<Town, 'dataDir'>): Storage {
  const never = async (): Promise<never> => {
    throw new Error('A file has no process that could die.')
  }
  return {
    kind: 'sqlite',
    env: {},
    due: async () => 'its bot alone can say',
    kill: never,
    freeze: never,
    restart: never,
    open: () => openSqliteStore({ path: `${dataDir}/incbot.db`, ownerId: 'the judge' }),
    stop: async () => undefined,
  }
}

export async function startStorage(
  kind: Plan['storage'],
  town: Pick<Town, 'dataDir'>,
  chronicle: Chronicle,
): Promise<Storage> {
  switch (kind) {
    case 'sqlite':
      return sqliteStorage(town)
    case 'redis':
      return redisStorage(chronicle)
    case 'sentinel':
      return sentinelStorage(chronicle)
  }
}
