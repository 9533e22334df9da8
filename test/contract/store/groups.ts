import { describe, expect, it } from '@jest/globals'
import type { Arrival } from '../../../src/store/store.ts'
import { aCommit, aGroupedArrival, anEvent, anIncident, arrive, clicksIn, NOW } from '../records.ts'
import { type CurrentStore, leased } from './harness.ts'

export function groupContract(store: CurrentStore): void {
  describe('a group', () => {
    const receive = (arrival: Arrival, now = NOW) => store().receive(arrival, now)
    const stored = (incidentId: string) => ({ outcome: 'stored', incidentId })
    const duplicate = (incidentId: string) => ({ outcome: 'duplicate', incidentId })
    /** Saves the record of an incident, everything in its inbox consumed. */
    const save = async (id: string, status: 'triggered' | 'resolved', endsGroup?: boolean) => {
      const lease = await leased(store(), `incident:${id}`)
      const consumedUpTo = (await store().inbox(id, 1000)).at(-1)?.sequence ?? 0
      const expectedVersion = (await store().incident(id))?.version ?? 0
      const incident = anIncident({ id, status })
      const commit = aCommit(lease, { incident, expectedVersion, consumedUpTo, ...(endsGroup && { endsGroup }) })
      expect(await store().commit(commit)).toBe('committed')
    }

    it('is led by the first, and what arrives afterwards goes to its inbox', async () => {
      expect(await receive(aGroupedArrival('one'))).toEqual(stored('pd-one'))
      expect(await receive(aGroupedArrival('two'))).toEqual(stored('pd-one'))
      expect(await receive(aGroupedArrival('three'))).toEqual(stored('pd-one'))
      expect(await clicksIn(store(), 'pd-one')).toEqual(['one', 'two', 'three'])
      expect(await clicksIn(store(), 'pd-two')).toEqual([])
      expect((await store().due(NOW, 10)).map(({ key }) => key)).toEqual(['incident:pd-one'])
    })

    it('has exactly one leader among many that arrive together', async () => {
      const ids = Array.from({ length: 300 }, (_, index) => `${index}`)
      const receipts = await Promise.all(ids.map((id) => receive(aGroupedArrival(id))))
      expect(new Set(receipts.map(({ incidentId }) => incidentId)).size).toBe(1)
      expect(receipts.every(({ outcome }) => outcome === 'stored')).toBe(true)
      const leader = receipts[0]?.incidentId ?? ''
      expect([...(await clicksIn(store(), leader))].sort()).toEqual([...ids].sort())
    })

    it('is apart from other groups, and from what has none', async () => {
      await receive(aGroupedArrival('one'))
      const other = { group: { key: 'h', until: NOW + 600_000 } }
      expect(await receive(aGroupedArrival('two', other))).toEqual(stored('pd-two'))
      expect(await receive(aGroupedArrival('three', other))).toEqual(stored('pd-two'))
      const { group: _none, ...alone } = aGroupedArrival('four')
      expect(await receive(alone)).toEqual(stored('pd-four'))
      expect(await arrive(store(), 'pd-five', anEvent('five'), ['five'], NOW)).toBe('stored')
      expect(await clicksIn(store(), 'pd-five')).toEqual(['five'])
    })

    it('sends later events of what has joined after it, without a group and long afterwards as well', async () => {
      await receive(aGroupedArrival('one'))
      await receive(aGroupedArrival('two'))
      const later = { incidentId: 'pd-two', event: anEvent('later'), dedupKeys: ['later'] }
      expect(await receive(later, NOW + 86_400_000)).toEqual(stored('pd-one'))
      expect(await clicksIn(store(), 'pd-one')).toEqual(['one', 'two', 'later'])
      const elsewhere = { group: { key: 'h', until: NOW + 2 * 86_400_000 } }
      const again = aGroupedArrival('again', { incidentId: 'pd-two', ...elsewhere })
      expect(await receive(again, NOW + 86_400_001)).toEqual(stored('pd-one'))
      // It led nothing by that.
      expect(await receive(aGroupedArrival('six', elsewhere), NOW + 86_400_002)).toEqual(stored('pd-six'))
    })

    it('recognises duplicates, says where they belong, and stores nothing of them', async () => {
      await receive(aGroupedArrival('one'))
      await receive(aGroupedArrival('two'))
      expect(await receive(aGroupedArrival('one'))).toEqual(duplicate('pd-one'))
      expect(await receive(aGroupedArrival('two'))).toEqual(duplicate('pd-one'))
      // Of a duplicate nobody joins and nobody leads.
      const newcomer = aGroupedArrival('three', { dedupKeys: ['two', 'three'] })
      expect(await receive(newcomer)).toEqual(duplicate('pd-three'))
      expect(await receive(aGroupedArrival('four', { ...newcomer, group: { key: 'h', until: NOW + 5 } }))).toEqual(
        duplicate('pd-three'),
      )
      expect(await receive(aGroupedArrival('five', { group: { key: 'h', until: NOW + 5 } }))).toEqual(stored('pd-five'))
      expect(await clicksIn(store(), 'pd-one')).toEqual(['one', 'two'])
    })

    it('is led until its last millisecond, whatever those say who join it, and by the next one afterwards', async () => {
      await receive(aGroupedArrival('one', { group: { key: 'g', until: NOW + 10 } }))
      const late = { group: { key: 'g', until: NOW + 999 } }
      expect(await receive(aGroupedArrival('two', late), NOW + 9)).toEqual(stored('pd-one'))
      expect(await receive(aGroupedArrival('three', late), NOW + 10)).toEqual(stored('pd-three'))
      expect(await receive(aGroupedArrival('four', late), NOW + 11)).toEqual(stored('pd-three'))
    })

    it('is never joined by an incident that has a record or an inbox of its own', async () => {
      await arrive(store(), 'pd-waiting', anEvent('early'), ['early'], NOW)
      await save('pd-recorded', 'triggered')
      await receive(aGroupedArrival('one'))
      for (const id of ['waiting', 'recorded']) expect(await receive(aGroupedArrival(id))).toEqual(stored(`pd-${id}`))
      expect(await receive(aGroupedArrival('two'))).toEqual(stored('pd-one'))
    })

    it('may be led by an incident that was there before', async () => {
      await save('pd-recorded', 'triggered')
      expect(await receive(aGroupedArrival('recorded'))).toEqual(stored('pd-recorded'))
      expect(await receive(aGroupedArrival('two'))).toEqual(stored('pd-recorded'))
    })

    it('ends with its leader, and those that joined stay with it', async () => {
      await receive(aGroupedArrival('one'))
      await receive(aGroupedArrival('two'))
      await save('pd-one', 'triggered')
      expect(await receive(aGroupedArrival('three'))).toEqual(stored('pd-one'))
      await save('pd-one', 'resolved', true)
      expect(await receive(aGroupedArrival('four'))).toEqual(stored('pd-four'))
      expect(await receive({ incidentId: 'pd-two', event: anEvent('x'), dedupKeys: ['x'] })).toEqual(stored('pd-one'))
      // An incident that leads nothing ends nothing.
      await save('pd-one', 'resolved', true)
      expect(await receive(aGroupedArrival('five'))).toEqual(stored('pd-four'))
    })

    it('goes on when something joined it while its leader was about to end', async () => {
      await receive(aGroupedArrival('one'))
      const read = (await store().inbox('pd-one', 10)).at(-1)?.sequence ?? 0
      await receive(aGroupedArrival('two'))
      const incident = anIncident({ id: 'pd-one', status: 'resolved' })
      const lease = await leased(store(), 'incident:pd-one')
      await store().commit(aCommit(lease, { incident, consumedUpTo: read, endsGroup: true }))
      expect(await receive(aGroupedArrival('three'))).toEqual(stored('pd-one'))
    })

    it('does not end by a commit that conflicts', async () => {
      await receive(aGroupedArrival('one'))
      const stale = await leased(store(), 'incident:pd-one', 'a')
      await store().release(stale)
      await leased(store(), 'incident:pd-one', 'b')
      const consumedUpTo = Number.MAX_SAFE_INTEGER
      const change = { incident: anIncident({ id: 'pd-one' }), consumedUpTo, endsGroup: true }
      expect(await store().commit(aCommit(stale, change))).toBe('conflict')
      expect(await receive(aGroupedArrival('two'))).toEqual(stored('pd-one'))
    })

    it('is remembered while its leader is open, and forgotten with the keys once that is resolved', async () => {
      const later = (id: string): Arrival => ({ incidentId: 'pd-two', event: anEvent(id), dedupKeys: [id] })
      await receive(aGroupedArrival('one'))
      await receive(aGroupedArrival('two'))
      await store().forgetKeys(NOW + 1)
      expect(await receive(later('a'))).toEqual(stored('pd-one'))
      await save('pd-one', 'triggered')
      await store().forgetKeys(NOW + 1)
      expect(await receive(later('b'))).toEqual(stored('pd-one'))
      await save('pd-one', 'resolved', true)
      await store().forgetKeys(NOW)
      expect(await receive(later('c'))).toEqual(stored('pd-one'))
      await store().forgetKeys(NOW + 1)
      expect(await receive(later('d'))).toEqual(stored('pd-two'))
    })

    it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %p as its end, and stores nothing', async (until) => {
      await expect(receive(aGroupedArrival('one', { group: { key: 'g', until } }))).rejects.toThrow(TypeError)
      expect(await clicksIn(store(), 'pd-one')).toEqual([])
      expect(await receive(aGroupedArrival('one'))).toEqual(stored('pd-one'))
      expect(await receive(aGroupedArrival('two'))).toEqual(stored('pd-one'))
    })
  })

  describe('a key that is taken back', () => {
    const fires = { incidentId: 'am-1', event: anEvent('fires'), dedupKeys: ['fires'], frees: ['is over'] }
    const isOver = { incidentId: 'am-1', event: anEvent('is over'), dedupKeys: ['is over'], frees: ['fires'] }

    it('lets the same happen again', async () => {
      const outcomes: string[] = []
      for (const arrival of [fires, fires, isOver, isOver, fires, fires, isOver])
        outcomes.push((await store().receive(arrival, NOW)).outcome)
      expect(outcomes).toEqual(['stored', 'duplicate', 'stored', 'duplicate', 'stored', 'duplicate', 'stored'])
      expect(await clicksIn(store(), 'am-1')).toEqual(['fires', 'is over', 'fires', 'is over'])
    })

    it('is not taken back by a duplicate', async () => {
      await store().receive(fires, NOW)
      await store().receive({ ...fires, frees: ['fires'] }, NOW)
      expect((await store().receive(fires, NOW)).outcome).toBe('duplicate')
    })
  })
}
