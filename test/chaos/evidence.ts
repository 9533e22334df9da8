import { loadSettings } from '../../src/app/load.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { RecordedTimelineEntry } from '../../src/domain/timeline.ts'
import { createCatalogue } from '../../src/pipeline/catalogue.ts'
import type { Catalogue } from '../../src/pipeline/ports.ts'
import type { SlackMessage } from '../../src/sandbox/slack/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Delivery, Store } from '../../src/store/store.ts'
import { channels, type Town } from './town.ts'

/** All that the bot remembers of one incident. */
export interface Remembered {
  readonly incident: Incident
  readonly timeline: readonly RecordedTimelineEntry[]
  readonly deliveries: readonly Delivery[]
}

/** A message of incbot's, and where it stands. */
export interface Posted {
  readonly channel: string
  readonly message: SlackMessage
  /** The delivery it belongs to; undefined for a shared file. */
  readonly key: string | undefined
}

/** What can be held against each other once the bot has stopped. */
export interface Evidence {
  readonly catalogue: Catalogue
  /** By PagerDuty's id. */
  readonly remembered: ReadonlyMap<string, Remembered>
  readonly activeFreezes: ReadonlySet<string>
  readonly unread: number
  readonly posted: readonly Posted[]
  readonly at: number
}

/** Opens the store of bots that have stopped, the one in the town's data directory unless told otherwise, and collects what stands in Slack. */
export async function collect(
  town: Town,
  pagerDutyIds: readonly string[],
  openStore: () => Promise<Store> = () => openSqliteStore({ path: `${town.dataDir}/incbot.db`, ownerId: 'the judge' }),
): Promise<Evidence> {
  const { config } = await loadSettings(town.env)
  const store = await openStore()
  try {
    const at = Date.now()
    const entries = await Promise.all(
      pagerDutyIds.map(async (id): Promise<[string, Remembered][]> => {
        const key = `pd-${id}`
        const stored = await store.incident(key)
        if (stored === undefined) return []
        const [timeline, deliveries] = await Promise.all([store.timeline(key), store.deliveries(key)])
        return [[id, { incident: stored.value, timeline, deliveries }]]
      }),
    )
    const freezes = await store.activeFreezes(at)
    return {
      catalogue: createCatalogue(config.services),
      remembered: new Map(entries.flat()),
      activeFreezes: new Set(freezes.map(({ id }) => id)),
      unread: (await store.depth(at)).inbox,
      posted: channels.flatMap((channel) => postedIn(town, channel)),
      at,
    }
  } finally {
    await store.close()
  }
}

function postedIn(town: Town, channel: string): readonly Posted[] {
  return town.slack
    .messages(channel)
    .flatMap(({ ts }) => town.slack.thread(channel, ts))
    .filter(({ deleted }) => deleted !== true)
    .map((message) => {
      const key = message.metadata?.event_payload.key
      return { channel, message, key: typeof key === 'string' ? key : undefined }
    })
}
