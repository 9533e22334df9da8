import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { DueItem, Lease, Store } from '../../../src/store/store.ts'
import { verifyTimeline } from '../../../src/store/timeline-chain.ts'
import { memoryStore } from '../../fakes/memory-store.ts'
import { aCommit, aFreeze, anEntry, anEvent, anIncident, NOW } from '../records.ts'
import type { OpenedStore } from '../store-contract.ts'

const INCIDENTS = ['pd-Q1', 'pd-Q2', 'pd-Q3'] as const

/** One store with what its user holds of it: tickets, fences and sequences differ between stores, so each has its own. */
export interface Side {
  readonly store: Store
  readonly items: DueItem[]
  readonly leases: Lease[]
}

interface Command {
  readonly name: string
  readonly run: (side: Side) => Promise<unknown>
}

const incident = fc.constantFrom(...INCIDENTS)
const time = fc.integer({ min: 0, max: 8 }).map((step) => NOW + step * 10_000)
const key = fc.oneof(
  incident.map((id) => `incident:${id}`),
  fc.constant('sweep:nightly'),
)
const owner = fc.constantFrom('a', 'b')
const freezeId = fc.constantFrom('f1', 'f2')
/** Which of the things held is used; old ones too, that is what fences and tickets are for. */
const pick = fc.nat({ max: 20 })
const of = <T>(held: readonly T[], index: number): T | undefined => held[held.length - 1 - (index % 3)]

const ownLease = ({ fence: _fence, ...lease }: Lease) => lease

/** Something that one who uses a store may do. */
export const command = fc.oneof(
  fc.tuple(incident, fc.nat({ max: 5 }), time, fc.nat({ max: 3 })).map(([id, event, now, joins]) => ({
    name: `receive ${id} ${event} at ${now - NOW}${joins > 1 ? ` in group ${joins}` : ''}`,
    run: ({ store }: Side) =>
      store.receive(
        {
          incidentId: id,
          event: anEvent(`${event}`),
          dedupKeys: [`${id}#${event}`, `any#${event % 4}`],
          ...(event === 5 && { frees: [`${id}#1`, 'any#1'] }),
          ...(joins > 1 && { group: { key: `g${joins}`, until: now + 30_000 } }),
        },
        now,
      ),
  })),
  fc.tuple(key, owner, time).map(([leaseKey, holder, now]) => ({
    name: `acquire ${leaseKey} for ${holder} at ${now - NOW}`,
    run: async ({ store, leases }: Side) => {
      const lease = await store.acquire(leaseKey, holder, 15_000, now)
      if (lease) leases.push(lease)
      return lease && ownLease(lease)
    },
  })),
  fc.tuple(pick, time).map(([index, now]) => ({
    name: `renew ${index} at ${now - NOW}`,
    run: async ({ store, leases }: Side) => {
      const lease = of(leases, index)
      const renewed = lease && (await store.renew(lease, 15_000, now))
      return renewed && ownLease(renewed)
    },
  })),
  pick.map((index) => ({
    name: `release ${index}`,
    run: async ({ store, leases }: Side) => {
      const lease = of(leases, index)
      return lease && store.release(lease)
    },
  })),
  fc.tuple(incident, pick, pick, fc.nat({ max: 3 }), key, time).map(([id, held, read, consumed, next, at]) => ({
    name: `commit ${id} under ${held}, settling ${read}, consuming ${consumed}, ${next} due at ${at - NOW}`,
    run: async ({ store, leases, items }: Side) => {
      const lease = of(leases, held)
      if (!lease) return undefined
      const settles = of(items, read)
      const consumedUpTo = (await store.inbox(id, consumed)).at(-1)?.sequence ?? 0
      const version = (await store.incident(id))?.version ?? 0
      return store.commit(
        aCommit(lease, {
          incident: anIncident({ id, title: `${consumed}`, status: held % 2 ? 'resolved' : 'triggered' }),
          // Now and then a version that somebody else has overtaken.
          expectedVersion: held % 5 === 0 ? Math.max(0, version - 1) : version,
          consumedUpTo,
          timeline: Array.from({ length: consumed }, (_, index) => anEntry(`${index}`)),
          due: [{ key: next, at }],
          ...(settles && { settles }),
          endsGroup: held % 2 === 1,
        }),
      )
    },
  })),
  fc.tuple(key, time).map(([dueKey, at]) => ({
    name: `mark ${dueKey} due at ${at - NOW}`,
    run: ({ store }: Side) => store.markDue(dueKey, at),
  })),
  key.map((dueKey) => ({
    name: `read ${dueKey}`,
    run: async ({ store, items }: Side) => {
      const item = await store.dueItem(dueKey)
      if (item) items.push(item)
      return item?.at
    },
  })),
  pick.map((index) => ({
    name: `settle ${index}`,
    run: async ({ store, items }: Side) => {
      const item = of(items, index)
      return item && store.settle(item)
    },
  })),
  fc.tuple(freezeId, time).map(([id, until]) => ({
    name: `freeze ${id} until ${until - NOW}`,
    run: ({ store }: Side) => store.addFreeze(aFreeze({ id, until, service: id === 'f1' ? 'inference' : 'search' })),
  })),
  fc.tuple(freezeId, owner, time).map(([id, by, now]) => ({
    name: `lift ${id}`,
    run: ({ store }: Side) => store.liftFreeze(id, by, now),
  })),
  fc.tuple(freezeId, time).map(([id, until]) => ({
    name: `extend ${id} until ${until - NOW}`,
    run: ({ store }: Side) => store.extendFreeze(id, until),
  })),
  fc.tuple(freezeId, owner, fc.constantFrom('label', 'deploy'), fc.nat({ max: 2 })).map(([id, by, kind, value]) => ({
    name: `exempt ${kind} ${value} from ${id}`,
    run: ({ store }: Side) =>
      store.exemptDeploy(id, { kind, value: `k=${value}`, reason: `because ${by}`, by, at: NOW }),
  })),
  fc.tuple(incident, fc.nat({ max: 2 })).map(([after, limit]) => ({
    name: `ids behind ${after}`,
    run: ({ store }: Side) => store.incidentIds(after, limit),
  })),
  time.map((before) => ({
    name: `forget keys before ${before - NOW}`,
    run: ({ store }: Side) => store.forgetKeys(before),
  })),
)

/** All that can be seen of a store from outside, without the numbers that stores choose for themselves. */
async function visible({ store }: Side): Promise<unknown> {
  const perIncident = INCIDENTS.map(async (id) => ({
    record: await store.incident(id),
    inbox: (await store.inbox(id, 100)).map(({ event, receivedAt }) => ({ event, receivedAt })),
    timeline: await store.timeline(id),
    chain: verifyTimeline(await store.timeline(id)),
    end: await store.timelineEnd(id),
  }))
  const at = NOW + 40_000
  return {
    incidents: await Promise.all(perIncident),
    open: (await store.incidents({ open: true, limit: 10 })).map(({ id }) => id),
    versions: await store.openVersions(10),
    due: (await store.due(at, 10)).map(({ key: dueKey, at: dueAt }) => `${dueKey} at ${dueAt}`).sort(),
    next: await store.nextDueAt(at),
    depth: await store.depth(at),
    frozen: [...(await store.activeFreezes(at))].sort((left, right) => (left.id < right.id ? -1 : 1)),
  }
}

/** Whatever is done to it, in whatever order, a store answers and ends up as the store in memory does. */
export function modelContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name}, whatever is done to it,`, () => {
    it('behaves as the model in memory', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 40 }), async (commands: readonly Command[]) => {
          const { store, close } = await open()
          try {
            const real: Side = { store, items: [], leases: [] }
            const model: Side = { store: memoryStore(), items: [], leases: [] }
            for (const { name: what, run } of commands) {
              expect({ what, answer: await run(real) }).toEqual({ what, answer: await run(model) })
              expect(await visible(real)).toEqual(await visible(model))
            }
          } finally {
            await close()
          }
        }),
        { numRuns: 100 },
      )
    }, 60_000)
  })
}
