import { expect, it } from '@jest/globals'
import type { Incident } from '../../src/domain/incident.ts'
import { createRecall } from '../../src/pipeline/recall.ts'
import type { Store } from '../../src/store/store.ts'
import { anIncident, NOW } from '../builders.ts'
import { memoryStore } from '../fakes/memory-store.ts'

/** Three open incidents, and the ids of the records that were read. */
async function setting() {
  const store = memoryStore()
  for (const id of ['a', 'b', 'c']) await commit(store, anIncident({ id }), 0)
  const read: string[] = []
  const watched: Store = {
    ...store,
    incident(id) {
      read.push(id)
      return store.incident(id)
    },
  }
  return { store, recall: createRecall({ store: watched, now: () => NOW }), read }
}

async function commit(store: Store, incident: Incident, expectedVersion: number): Promise<void> {
  const lease = await store.acquire(incident.id, 'a', 1_000, NOW)
  if (lease === undefined) throw new Error('Nobody else holds it.')
  await store.commit({ incident, expectedVersion, lease, consumedUpTo: 0, timeline: [], due: [] })
}

it('a look reads the records that have changed since the last one, and no others', async () => {
  const { store, recall, read } = await setting()
  expect((await recall.look()).incidents.map(({ id }) => id)).toEqual(['c', 'b', 'a'])
  expect(read.splice(0)).toEqual(['c', 'b', 'a'])
  await recall.look()
  expect(read).toEqual([])

  const changed = anIncident({ id: 'b', status: 'acknowledged' })
  await commit(store, changed, 1)
  expect((await recall.look()).incidents[1]).toEqual(changed)
  expect(read).toEqual(['b'])
})

it('what is over is not remembered', async () => {
  const { store, recall, read } = await setting()
  await recall.look()
  await commit(store, anIncident({ id: 'b', status: 'resolved' }), 1)
  expect((await recall.look()).incidents.map(({ id }) => id)).toEqual(['c', 'a'])
  expect(recall.last()?.incidents.map(({ id }) => id)).toEqual(['c', 'a'])
  expect(read).toEqual(['c', 'b', 'a'])
})
