import type { Store } from '../../../src/store/store.ts'
import type { StormTown } from './storm-town.ts'

/** What stands in Slack after a storm over `services` services, and how fast it came there. */
export function judgeSlack({ slack, channelIds }: StormTown, services: number) {
  const taken = slack.calls.filter(({ ok }) => ok)
  const posts = taken.filter(({ method }) => method === 'chat.postMessage')
  const edits = taken.filter(({ method }) => method === 'chat.update')
  // The incident before the storm has a card too.
  const cards = channelIds.map((id) => slack.messages(id).filter(({ text }) => text.includes('QSTORM')))
  const everything = cards.flatMap((list, index) => list.flatMap(({ ts }) => slack.thread(channelIds[index] ?? '', ts)))
  const keys = everything.flatMap(({ metadata }) => metadata?.event_payload.key ?? [])
  const textOf = (index: number): string =>
    cards.flat().find(({ text }) => text.includes(`Requests to service-${index} fail`))?.text ?? ''
  const indexes = Array.from({ length: services }, (_, index) => index)
  return {
    posts: posts.length,
    mostPosts: Math.max(
      ...channelIds.map((id) => mostInMinute(posts.filter(({ args }) => args.channel === id).map(({ at }) => at))),
    ),
    mostEdits: mostInMinute(edits.map(({ at }) => at)),
    wrong: {
      doubled: keys.filter((key, index) => keys.indexOf(key) !== index),
      withoutDiagnosis: indexes.filter((index) => !textOf(index).includes('More comes in than goes out')),
      withoutDetails: cards.flatMap((list, index) =>
        list.flatMap(({ ts }) => (slack.thread(channelIds[index] ?? '', ts).length > 1 ? [] : [ts])),
      ),
      overtaken: cards.flatMap((list) => overtaken(list.map(({ text }) => text))),
    },
  }
}

function mostInMinute(times: readonly number[]): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length))
}

/** Of a burst that goes out at once nobody can tell the order. */
const BURST = 3

/** First cards of low urgency that came before one of high urgency. */
function overtaken(cards: readonly string[]): readonly string[] {
  const lastUrgent = cards.findLastIndex((text) => text.includes('high urgency'))
  return cards.slice(BURST, Math.max(BURST, lastUrgent)).filter((text) => text.includes('low urgency'))
}

/** Every event of the storm stands in its incident's timeline, once. Closes the store, which no bot has open any more. */
export async function judgeRecords(store: Store, events: number) {
  try {
    const ids = await store.incidentIds(undefined, 10_000)
    const seen = new Map<string, number>()
    for (const id of ids)
      for (const { data } of await store.timeline(id))
        if (typeof data?.eventId === 'string') seen.set(data.eventId, (seen.get(data.eventId) ?? 0) + 1)
    return {
      lost: Array.from({ length: events }, (_, n) => `STORM-${n}`).filter((id) => !seen.has(id)).length,
      doubled: [...seen.values()].filter((count) => count > 1).length,
      unread: (await store.depth(Date.now())).inbox,
      incidents: ids.length,
    }
  } finally {
    await store.close()
  }
}
