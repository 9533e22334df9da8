import fc from 'fast-check'
import type { Store } from '../../../src/store/store.ts'
import { aCommit, aDelivery, aFreeze, aGroupedArrival, anEntry, anEvent, anIncident, arrive, NOW } from '../records.ts'
import { leased } from './harness.ts'
import { command } from './model.ts'

/** What one incident of the history is called, whose id sorts differently by bytes and by UTF-16. */
export const ODD_ID = 'pd-\u{1f525}'

/**
 * Fills a store with something of each kind that it can keep, and with whatever 300 chosen steps leave behind: the same for the same seed, in every store but for
 * the numbers that it chooses itself.
 */
export async function liveThrough(store: Store, seed = 1): Promise<void> {
  const side = { store, items: [], leases: [] }
  const steps = fc.sample(fc.array(command, { minLength: 300, maxLength: 300 }), { seed, numRuns: 1 }).flat()
  for (const { run } of steps) await run(side)

  for (const id of ['pd-R1', 'pd-\u{ffee}', ODD_ID]) {
    const lease = await leased(store, `incident:${id}`, 'historian', NOW + 1_000_000)
    const timeline = ['opened', 'asked', 'approved'].map((text) => ({
      ...anEntry(text),
      data: { list: [1, undefined, { z: 1, a: 'naïve \u2028 "quoted"' }] },
    }))
    const incident = anIncident({ id, status: id === 'pd-R1' ? 'resolved' : 'triggered', title: 'z\u0000ä' })
    await store.commit(aCommit(lease, { incident, timeline, due: [{ key: `projection:${id}`, at: NOW + 5 }] }))
    await store.saveDelivery(aDelivery({ key: `slack:${id}:card`, incidentId: id, contentHash: 'h', channel: 'C1' }))
    await store.saveDelivery(aDelivery({ key: `slack:${id}:a`, incidentId: id, state: 'abandoned', note: 'gone' }))
  }
  const { service: _none, ...noService } = anIncident({ id: 'pd-none' })
  await store.commit(aCommit(await leased(store, 'incident:pd-none', 'historian'), { incident: noService }))
  await store.receive(aGroupedArrival('first', { group: { key: 'late', until: NOW + 9_000_000 } }), NOW + 1_000)
  await store.receive(aGroupedArrival('second', { group: { key: 'late', until: NOW + 9_000_000 } }), NOW + 2_000)
  for (const id of ['a', 'b', 'c']) await arrive(store, 'pd-R1', anEvent(id), [`key ${id}`], NOW + 3_000)
  await store.addFreeze(aFreeze({ id: 'holds' }))
  await store.exemptDeploy('holds', { kind: 'label', value: 'hotfix=1', reason: 'r', by: 'U1', at: NOW })
  await store.addFreeze(aFreeze({ id: 'lifted' }))
  await store.liftFreeze('lifted', 'U2', NOW + 1)
  await store.setSetting('switched-off', 'by U1: "why"\nbecause')
  await store.setSetting('gate-asked:ci:inference', String(NOW))
  await store.probe()
}
