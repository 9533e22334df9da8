import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Store } from '../../../src/store/store.ts'
import { verifyTimeline } from '../../../src/store/timeline-chain.ts'
import {
  aCommit,
  aDelivery,
  aFreeze,
  aGroupedArrival,
  anEntry,
  anEvent,
  anIncident,
  arrive,
  clicksIn,
  NOW,
} from '../records.ts'
import { leased, marked } from './harness.ts'

export interface DurableStore {
  readonly store: Store
  /** Closes the store and opens what it left, as a restart does. */
  readonly reopen: () => Promise<Store>
  readonly close: () => Promise<void>
}

/** What every durable store keeps over a restart. `open` gives an empty one. */
export function durableStoreContract(name: string, open: () => Promise<DurableStore>): void {
  describe(`${name} over a restart`, () => {
    let opened: DurableStore
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.close())

    it('keeps everything that was acknowledged', async () => {
      const { store } = opened
      await arrive(store, 'pd-Q1', anEvent('one'), ['one'], NOW)
      const change = { timeline: [anEntry()], due: [{ key: 'project:pd-Q1', at: NOW + 5 }] }
      await store.commit(aCommit(await leased(store), change))
      await store.saveDelivery(aDelivery())
      await store.addFreeze(aFreeze())
      await store.setSetting('off', 'by U1')
      const after = await opened.reopen()
      expect(await clicksIn(after, 'pd-Q1')).toEqual(['one'])
      expect(await arrive(after, 'pd-Q1', anEvent('one'), ['one'], NOW)).toBe('duplicate')
      expect(await after.incident('pd-Q1')).toEqual({ value: anIncident(), version: 1 })
      expect(verifyTimeline(await after.timeline('pd-Q1'))).toEqual({ ok: true })
      expect(await after.timeline('pd-Q1')).toHaveLength(1)
      expect((await after.due(NOW + 5, 10)).map(({ key }) => key)).toEqual(['incident:pd-Q1', 'project:pd-Q1'])
      expect(await after.deliveries('pd-Q1')).toEqual([aDelivery()])
      expect(await after.activeFreezes(NOW)).toEqual([aFreeze()])
      expect(await after.setting('off')).toBe('by U1')
    })

    it('keeps who leads a group and who has joined it', async () => {
      await opened.store.receive(aGroupedArrival('one'), NOW)
      await opened.store.receive(aGroupedArrival('two'), NOW)
      const after = await opened.reopen()
      expect(await after.receive(aGroupedArrival('three'), NOW)).toEqual({ outcome: 'stored', incidentId: 'pd-one' })
      await arrive(after, 'pd-two', anEvent('later'), ['later'], NOW)
      expect(await clicksIn(after, 'pd-one')).toEqual(['one', 'two', 'three', 'later'])
    })

    it('continues the chain, the sequences, the tickets and the fences where they were', async () => {
      const { store } = opened
      const before = await leased(store)
      await arrive(store, 'pd-Q1', anEvent('one'), ['one'], NOW)
      const [consumed] = await store.inbox('pd-Q1', 1)
      const settled = await marked(store, 'incident:pd-Q1')
      const consumedUpTo = consumed?.sequence ?? 0
      await store.commit(aCommit(before, { consumedUpTo, settles: settled, timeline: [anEntry('one')] }))
      await store.release(before)
      const after = await opened.reopen()
      const lease = await leased(after)
      expect(lease.fence).toBeGreaterThan(before.fence)
      expect(await after.commit(aCommit(before, { expectedVersion: 1 }))).toBe('conflict')
      await arrive(after, 'pd-Q1', anEvent('two'), ['two'], NOW)
      const [next] = await after.inbox('pd-Q1', 1)
      expect(next?.sequence).toBeGreaterThan(consumedUpTo)
      expect((await marked(after, 'incident:pd-Q1')).ticket).not.toBe(settled.ticket)
      await after.commit(aCommit(lease, { expectedVersion: 1, timeline: [anEntry('two')] }))
      expect(verifyTimeline(await after.timeline('pd-Q1'))).toEqual({ ok: true })
      expect(await after.timeline('pd-Q1')).toHaveLength(2)
    })
  })
}
