import { describe, expect, it } from '@jest/globals'
import type { IncidentQuery } from '../../../src/store/store.ts'
import { aCommit, aDelivery, aFreeze, anEvent, anIncident, NOW } from '../records.ts'
import { type CurrentStore, leased } from './harness.ts'

export function queryContract(store: CurrentStore): void {
  describe('queries', () => {
    it('lists incidents newest first, by service and by whether they are open', async () => {
      const held = await leased(store())
      const all = [
        anIncident({ id: 'a', openedAt: NOW }),
        anIncident({ id: 'b', openedAt: NOW + 2, status: 'resolved' }),
        anIncident({ id: 'c', openedAt: NOW + 1, service: 'search' }),
        anIncident({ id: 'd', openedAt: NOW + 3, status: 'acknowledged' }),
      ]
      for (const incident of all) await store().commit(aCommit(held, { incident }))
      const ids = async (query: IncidentQuery) => (await store().incidents(query)).map(({ id }) => id)
      expect(await ids({ limit: 10 })).toEqual(['d', 'b', 'c', 'a'])
      expect(await ids({ limit: 2 })).toEqual(['d', 'b'])
      expect(await ids({ limit: 10, open: true })).toEqual(['d', 'c', 'a'])
      expect(await ids({ limit: 10, open: false })).toEqual(['b'])
      expect(await ids({ limit: 10, service: 'inference', open: true })).toEqual(['d', 'a'])
      expect(await ids({ limit: 10, service: 'nobody' })).toEqual([])
    })

    it('keeps deliveries by key, the newest state of each', async () => {
      await store().saveDelivery(aDelivery())
      await store().saveDelivery(aDelivery({ key: 'other', incidentId: 'pd-Q2' }))
      const sent = aDelivery({ state: 'sent', channel: 'C1', reference: '1.2', contentHash: 'h' })
      await store().saveDelivery(sent)
      expect(await store().deliveries('pd-Q1')).toEqual([sent])
      expect(await store().deliveries('pd-Q3')).toEqual([])
    })

    it('keeps settings until they are unset', async () => {
      expect(await store().setting('off')).toBeUndefined()
      await store().setSetting('off', 'by U1')
      await store().setSetting('off', 'by U2')
      expect(await store().setting('off')).toBe('by U2')
      await store().setSetting('off', undefined)
      expect(await store().setting('off')).toBeUndefined()
    })

    it('counts what waits', async () => {
      await store().receive('pd-Q1', anEvent('one'), ['one'], NOW)
      await store().receive('pd-Q1', anEvent('two'), ['two'], NOW)
      await store().markDue('later', NOW + 1)
      expect(await store().depth(NOW)).toEqual({ inbox: 2, due: 1 })
      await expect(store().probe()).resolves.toBeUndefined()
    })

    it('makes a freeze once, lifts it once, and lists those that hold', async () => {
      const freeze = aFreeze()
      expect(await store().addFreeze(freeze)).toEqual(freeze)
      expect(await store().addFreeze(aFreeze({ until: NOW + 9 }))).toEqual(freeze)
      await store().addFreeze(aFreeze({ id: 'freeze-2', service: 'search' }))
      const active = async (now: number, service?: string) =>
        (await store().activeFreezes(now, service)).map(({ id }) => id).sort()
      expect(await active(NOW)).toEqual(['freeze-1', 'freeze-2'])
      expect(await active(NOW, 'inference')).toEqual(['freeze-1'])
      expect(await active(freeze.until - 1, 'inference')).toEqual(['freeze-1'])
      expect(await active(freeze.until)).toEqual([])
      const lifted = { ...freeze, liftedAt: NOW + 1, liftedBy: 'U2' }
      expect(await store().liftFreeze('freeze-1', 'U2', NOW + 1)).toEqual(lifted)
      expect(await store().liftFreeze('freeze-1', 'U3', NOW + 2)).toEqual(lifted)
      expect(await store().addFreeze(freeze)).toEqual(lifted)
      expect(await store().liftFreeze('nothing', 'U3', NOW)).toBeUndefined()
      expect(await active(NOW + 1)).toEqual(['freeze-2'])
    })
  })
}
