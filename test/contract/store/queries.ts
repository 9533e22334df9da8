import { describe, expect, it } from '@jest/globals'
import type { IncidentQuery } from '../../../src/store/store.ts'
import { aCommit, aDelivery, aFreeze, anEntry, anEvent, anIncident, arrive, NOW } from '../records.ts'
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

    it('tells which version of each open incident there is, the newest incident first', async () => {
      const held = await leased(store())
      const all = [
        anIncident({ id: 'a', openedAt: NOW }),
        anIncident({ id: 'b', openedAt: NOW + 2 }),
        anIncident({ id: 'c', openedAt: NOW + 1 }),
        anIncident({ id: 'd', openedAt: NOW }),
      ]
      for (const incident of all) await store().commit(aCommit(held, { incident }))
      const again = anIncident({ id: 'a', openedAt: NOW, status: 'acknowledged' })
      await store().commit(aCommit(held, { incident: again, expectedVersion: 1 }))
      const over = anIncident({ id: 'c', openedAt: NOW + 1, status: 'resolved' })
      await store().commit(aCommit(held, { incident: over, expectedVersion: 1 }))
      const versions = [
        { id: 'b', version: 1 },
        { id: 'd', version: 1 },
        { id: 'a', version: 2 },
      ]
      expect(await store().openVersions(10)).toEqual(versions)
      expect(await store().openVersions(2)).toEqual(versions.slice(0, 2))
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
      await arrive(store(), 'pd-Q1', anEvent('one'), ['one'], NOW)
      await arrive(store(), 'pd-Q1', anEvent('two'), ['two'], NOW)
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

    it('moves the end of a freeze that holds, and never towards an earlier one', async () => {
      const freeze = await store().addFreeze(aFreeze())
      const { until } = freeze
      expect(await store().extendFreeze('freeze-1', until + 60_000)).toEqual({ ...freeze, until: until + 60_000 })
      for (const earlier of [until, until + 60_000, NOW - 1])
        expect((await store().extendFreeze('freeze-1', earlier))?.until).toBe(until + 60_000)
      expect(await store().activeFreezes(until + 59_999, 'inference')).toHaveLength(1)
      expect(await store().activeFreezes(until + 60_000)).toEqual([])
      const lifted = await store().liftFreeze('freeze-1', 'U2', NOW + 1)
      expect(await store().extendFreeze('freeze-1', until + 120_000)).toEqual(lifted)
      expect(await store().activeFreezes(NOW + 2)).toEqual([])
      expect(await store().extendFreeze('nothing', until)).toBeUndefined()
    })

    it('adds exemptions to a freeze, one for each kind and value, and keeps them when it is extended', async () => {
      const freeze = await store().addFreeze(aFreeze())
      const label = { kind: 'label', value: 'hotfix=1', reason: 'the fix', by: 'U1', at: NOW } as const
      const deploy = { ...label, kind: 'deploy' } as const
      const again = { ...label, reason: 'the right fix', by: 'U2', at: NOW + 5 }
      expect(await store().exemptDeploy('freeze-1', label)).toEqual({ ...freeze, exemptions: [label] })
      await store().exemptDeploy('freeze-1', deploy)
      expect((await store().exemptDeploy('freeze-1', again))?.exemptions).toEqual([deploy, again])
      await store().extendFreeze('freeze-1', freeze.until + 1)
      const [kept] = await store().activeFreezes(NOW, 'inference')
      expect(kept).toEqual({ ...freeze, until: freeze.until + 1, exemptions: [deploy, again] })
      expect(await store().exemptDeploy('nothing', label)).toBeUndefined()
    })

    it('walks through the ids of all incidents in order, a page at a time', async () => {
      const held = await leased(store())
      expect(await store().incidentIds(undefined, 10)).toEqual([])
      for (const id of ['pd-b', 'pd-a', 'cmd-z', 'pd-B', 'pd-a0'])
        await store().commit(aCommit(held, { incident: anIncident({ id, status: 'resolved' }) }))
      const all = ['cmd-z', 'pd-B', 'pd-a', 'pd-a0', 'pd-b']
      expect(await store().incidentIds(undefined, 10)).toEqual(all)
      expect(await store().incidentIds(undefined, 2)).toEqual(all.slice(0, 2))
      expect(await store().incidentIds('pd-B', 2)).toEqual(all.slice(2, 4))
      // One that is gone, or never was, is a place in the order like any other.
      expect(await store().incidentIds('pd-a00', 10)).toEqual(all.slice(4))
      expect(await store().incidentIds('pd-b', 10)).toEqual([])
    })

    it('knows where a timeline ends', async () => {
      const held = await leased(store())
      expect(await store().timelineEnd('pd-Q1')).toBeUndefined()
      const timeline = ['one', 'two'].map((text) => anEntry(text))
      await store().commit(aCommit(held, { timeline }))
      const last = (await store().timeline('pd-Q1')).at(-1)
      expect(await store().timelineEnd('pd-Q1')).toEqual({ sequence: 2, hash: last?.hash })
      expect(await store().timelineEnd('pd-Q2')).toBeUndefined()
    })
  })
}
