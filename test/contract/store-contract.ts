import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { IncidentEvent } from '../../src/domain/event.ts'
import type { Lease, Store } from '../../src/store/store.ts'
import { verifyTimeline } from '../../src/store/timeline-chain.ts'
import { aCommit, aDelivery, aFreeze, anEntry, anEvent, anIncident, NOW } from './records.ts'

export interface OpenedStore {
  readonly store: Store
  /** Closes the store and opens what it left, as a restart does. */
  readonly reopen?: () => Promise<Store>
  readonly close: () => Promise<void>
}

const TTL_MS = 30_000

/** What every store keeps, whichever database is behind it. `open` gives an empty one. */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} keeps the store's contract`, () => {
    let opened: OpenedStore
    let store: Store
    beforeEach(async () => {
      opened = await open()
      store = opened.store
    })
    afterEach(() => opened.close())

    const lease = async (key = 'incident:pd-Q1', owner = 'a', now = NOW): Promise<Lease> => {
      const acquired = await store.acquire(key, owner, TTL_MS, now)
      if (!acquired) throw new Error(`${key} is held by somebody else`)
      return acquired
    }
    const clicks = async (incidentId: string): Promise<string[]> =>
      (await store.inbox(incidentId, 100)).map(({ event }) => (event.type === 'clicked' ? event.clickId : event.type))

    describe('intake', () => {
      it('stores an event once, in order of arrival, and marks its incident due', async () => {
        expect(await store.receive('pd-Q1', anEvent('one'), ['k1'], NOW)).toBe('stored')
        expect(await store.receive('pd-Q1', anEvent('two'), ['k2'], NOW + 5)).toBe('stored')
        expect(await store.receive('pd-Q2', anEvent('other'), ['k3'], NOW)).toBe('stored')
        const [first, second, ...rest] = await store.inbox('pd-Q1', 100)
        expect([first?.event, second?.event, rest]).toEqual([anEvent('one'), anEvent('two'), []])
        expect([first?.receivedAt, second?.receivedAt]).toEqual([NOW, NOW + 5])
        expect(first?.sequence).toBeGreaterThan(0)
        expect(second?.sequence).toBeGreaterThan(first?.sequence ?? 0)
        expect(await clicks('pd-Q2')).toEqual(['other'])
        expect((await store.due(NOW, 10)).map(({ key }) => key)).toEqual(['incident:pd-Q1', 'incident:pd-Q2'])
      })

      it('refuses an event of which any key was seen, and stores nothing of it', async () => {
        await store.receive('pd-Q1', anEvent('one'), ['event-1', 'triggered@03:42'], NOW)
        expect(await store.receive('pd-Q2', anEvent('two'), ['event-2', 'triggered@03:42'], NOW)).toBe('duplicate')
        expect(await clicks('pd-Q2')).toEqual([])
        expect(await store.dueItem('incident:pd-Q2')).toBeUndefined()
        expect(await store.receive('pd-Q2', anEvent('three'), ['event-2'], NOW)).toBe('stored')
      })

      it('stores exactly one of many that arrive together with one key', async () => {
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, index) => store.receive('pd-Q1', anEvent(`${index}`), ['same'], NOW)),
        )
        expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1)
        expect(await clicks('pd-Q1')).toHaveLength(1)
      })

      it('takes an event without keys every time', async () => {
        await store.receive('pd-Q1', anEvent('one'), [], NOW)
        await store.receive('pd-Q1', anEvent('one'), [], NOW)
        expect(await clicks('pd-Q1')).toEqual(['one', 'one'])
      })

      it('forgets keys older than a moment, and says how many', async () => {
        await store.receive('pd-Q1', anEvent('one'), ['old-1', 'old-2'], NOW)
        await store.receive('pd-Q1', anEvent('two'), ['new'], NOW + 1)
        expect(await store.forgetKeys(NOW + 1)).toBe(2)
        expect(await store.receive('pd-Q1', anEvent('three'), ['old-1'], NOW + 2)).toBe('stored')
        expect(await store.receive('pd-Q1', anEvent('four'), ['new'], NOW + 2)).toBe('duplicate')
      })

      it('reads at most as many events as asked for, the oldest first', async () => {
        for (const id of ['one', 'two', 'three']) await store.receive('pd-Q1', anEvent(id), [id], NOW)
        expect((await store.inbox('pd-Q1', 2)).map(({ event }) => event)).toEqual([anEvent('one'), anEvent('two')])
      })

      it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %p in a record rather than change it', async (value) => {
        const event: IncidentEvent = {
          type: 'investigation-started',
          investigationId: 'inv-1',
          runbook: 'r',
          checks: value,
        }
        await expect(store.receive('pd-Q1', event, ['k'], NOW)).rejects.toThrow(TypeError)
        expect(await clicks('pd-Q1')).toEqual([])
        expect(await store.receive('pd-Q1', anEvent(), ['k'], NOW)).toBe('stored')
      })
    })

    describe('commit', () => {
      it('saves the record, consumes the inbox, extends the timeline and marks what is due, in one', async () => {
        for (const id of ['one', 'two', 'three']) await store.receive('pd-Q1', anEvent(id), [id], NOW)
        const [, second] = await store.inbox('pd-Q1', 2)
        const incident = anIncident({ title: 'Größe → 32 GB \u0000 "quoted"', mergedFrom: ['pd-Q0'] })
        const change = aCommit(await lease(), {
          incident,
          consumedUpTo: second?.sequence ?? 0,
          timeline: [anEntry('one'), { ...anEntry('two'), data: { nested: [1, { deep: true }] } }],
          due: [{ key: 'deliver:pd-Q1', at: NOW + 10 }],
        })
        expect(await store.commit(change)).toBe('committed')
        expect(await store.incident('pd-Q1')).toEqual({ value: incident, version: 1 })
        expect(await clicks('pd-Q1')).toEqual(['three'])
        expect((await store.timeline('pd-Q1')).map(({ text, sequence }) => [sequence, text])).toEqual([
          [1, 'one'],
          [2, 'two'],
        ])
        expect((await store.dueItem('deliver:pd-Q1'))?.at).toBe(NOW + 10)
      })

      it('refuses a version that is not the newest, and changes nothing', async () => {
        const held = await lease()
        await store.receive('pd-Q1', anEvent('one'), ['one'], NOW)
        await store.commit(aCommit(held))
        const [entry] = await store.inbox('pd-Q1', 1)
        const stale = aCommit(held, {
          incident: anIncident({ title: 'stale' }),
          consumedUpTo: entry?.sequence ?? 0,
          timeline: [anEntry('stale')],
          due: [{ key: 'stale:pd-Q1', at: NOW }],
        })
        expect(await store.commit(stale)).toBe('conflict')
        expect(await store.commit({ ...stale, expectedVersion: 2 })).toBe('conflict')
        expect((await store.incident('pd-Q1'))?.value.title).toBe(anIncident().title)
        expect(await clicks('pd-Q1')).toEqual(['one'])
        expect(await store.timeline('pd-Q1')).toEqual([])
        expect(await store.dueItem('stale:pd-Q1')).toBeUndefined()
      })

      it('refuses the fence of a holder that was overtaken, and one that was never given out', async () => {
        const slow = await lease('incident:pd-Q1', 'slow')
        const fast = await lease('incident:pd-Q1', 'fast', NOW + TTL_MS)
        expect(await store.commit(aCommit(slow))).toBe('conflict')
        expect(await store.commit(aCommit({ ...fast, fence: fast.fence + 1 }))).toBe('conflict')
        expect(await store.commit(aCommit({ ...fast, key: 'incident:pd-Q2' }))).toBe('conflict')
        expect(await store.incident('pd-Q1')).toBeUndefined()
        expect(await store.commit(aCommit(fast))).toBe('committed')
      })

      it('chains the timeline over several commits so that any change shows', async () => {
        const held = await lease()
        await store.commit(aCommit(held, { timeline: [anEntry('one'), anEntry('two')] }))
        await store.commit(
          aCommit(held, { expectedVersion: 1, timeline: [{ ...anEntry('three'), data: { b: 1, a: 2 } }] }),
        )
        const entries = await store.timeline('pd-Q1')
        expect(verifyTimeline(entries)).toEqual({ ok: true })
        const changed = entries.map((entry) => (entry.sequence === 2 ? { ...entry, text: 'never happened' } : entry))
        expect(verifyTimeline(changed)).toEqual({ ok: false, at: 2 })
      })

      it('removes the due item that it answers, unless that was marked again since', async () => {
        const held = await lease()
        await store.markDue('incident:pd-Q1', NOW)
        const item = await store.dueItem('incident:pd-Q1')
        if (!item) throw new Error('not due')
        await store.markDue('incident:pd-Q1', NOW + 5)
        await store.commit(aCommit(held, { settles: item }))
        const again = await store.dueItem('incident:pd-Q1')
        if (!again) throw new Error('the newer mark was lost')
        await store.commit(aCommit(held, { expectedVersion: 1, settles: again }))
        expect(await store.dueItem('incident:pd-Q1')).toBeUndefined()
      })

      it('settles before it marks, so that one change can postpone its own key', async () => {
        await store.markDue('incident:pd-Q1', NOW)
        const item = await store.dueItem('incident:pd-Q1')
        if (!item) throw new Error('not due')
        const due = [{ key: 'incident:pd-Q1', at: NOW + 60_000 }]
        await store.commit(aCommit(await lease(), { settles: item, due }))
        expect((await store.dueItem('incident:pd-Q1'))?.at).toBe(NOW + 60_000)
      })

      it('gives a gap in a chart back as a gap', async () => {
        const line = {
          name: 'pod-1',
          role: 'subject',
          points: [[NOW, 1] as const, [NOW + 1, undefined] as const],
        } as const
        const chart = {
          title: 't',
          subtitle: 's',
          altText: 'a',
          unit: 'bytes',
          byteUnits: 'decimal',
          from: NOW,
          to: NOW + 1,
          now: NOW,
          lines: [line],
          thresholds: [],
          markers: [],
        } as const
        const finding = {
          id: 'm',
          check: 'm',
          title: 'm',
          verdict: 'clear',
          headline: 'h',
          details: [],
          facts: [],
        } as const
        const whole = { ...finding, signals: {}, charts: [chart], asked: [], tookMs: 1 }
        const event: IncidentEvent = {
          type: 'investigation-finished',
          investigationId: 'inv-1',
          findings: [whole],
          proposals: [],
        }
        await store.receive('pd-Q1', event, [], NOW)
        const [entry] = await store.inbox('pd-Q1', 1)
        expect(entry?.event).toStrictEqual(event)
      })
    })

    describe('queries', () => {
      it('lists incidents newest first, by service and by whether they are open', async () => {
        const held = await lease()
        const all = [
          anIncident({ id: 'a', openedAt: NOW }),
          anIncident({ id: 'b', openedAt: NOW + 2, status: 'resolved' }),
          anIncident({ id: 'c', openedAt: NOW + 1, service: 'search' }),
          anIncident({ id: 'd', openedAt: NOW + 3, status: 'acknowledged' }),
        ]
        for (const incident of all) await store.commit(aCommit(held, { incident }))
        const ids = async (query: Parameters<Store['incidents']>[0]) =>
          (await store.incidents(query)).map(({ id }) => id)
        expect(await ids({ limit: 10 })).toEqual(['d', 'b', 'c', 'a'])
        expect(await ids({ limit: 2 })).toEqual(['d', 'b'])
        expect(await ids({ limit: 10, open: true })).toEqual(['d', 'c', 'a'])
        expect(await ids({ limit: 10, open: false })).toEqual(['b'])
        expect(await ids({ limit: 10, service: 'inference', open: true })).toEqual(['d', 'a'])
        expect(await ids({ limit: 10, service: 'nobody' })).toEqual([])
      })

      it('keeps deliveries by key, the newest state of each', async () => {
        await store.saveDelivery(aDelivery())
        await store.saveDelivery(aDelivery({ key: 'other', incidentId: 'pd-Q2' }))
        const sent = aDelivery({ state: 'sent', channel: 'C1', reference: '1.2', contentHash: 'h' })
        await store.saveDelivery(sent)
        expect(await store.deliveries('pd-Q1')).toEqual([sent])
        expect(await store.deliveries('pd-Q3')).toEqual([])
      })

      it('keeps settings until they are unset', async () => {
        expect(await store.setting('off')).toBeUndefined()
        await store.setSetting('off', 'by U1')
        await store.setSetting('off', 'by U2')
        expect(await store.setting('off')).toBe('by U2')
        await store.setSetting('off', undefined)
        expect(await store.setting('off')).toBeUndefined()
      })

      it('counts what waits', async () => {
        await store.receive('pd-Q1', anEvent('one'), ['one'], NOW)
        await store.receive('pd-Q1', anEvent('two'), ['two'], NOW)
        await store.markDue('later', NOW + 1)
        expect(await store.depth(NOW)).toEqual({ inbox: 2, due: 1 })
        await expect(store.probe()).resolves.toBeUndefined()
      })

      it('makes a freeze once, lifts it once, and lists those that hold', async () => {
        const freeze = aFreeze()
        expect(await store.addFreeze(freeze)).toEqual(freeze)
        expect(await store.addFreeze(aFreeze({ until: NOW + 9 }))).toEqual(freeze)
        await store.addFreeze(aFreeze({ id: 'freeze-2', service: 'search' }))
        const active = async (now: number, service?: string) =>
          (await store.activeFreezes(now, service)).map(({ id }) => id).sort()
        expect(await active(NOW)).toEqual(['freeze-1', 'freeze-2'])
        expect(await active(NOW, 'inference')).toEqual(['freeze-1'])
        expect(await active(freeze.until - 1, 'inference')).toEqual(['freeze-1'])
        expect(await active(freeze.until)).toEqual([])
        const lifted = { ...freeze, liftedAt: NOW + 1, liftedBy: 'U2' }
        expect(await store.liftFreeze('freeze-1', 'U2', NOW + 1)).toEqual(lifted)
        expect(await store.liftFreeze('freeze-1', 'U3', NOW + 2)).toEqual(lifted)
        expect(await store.addFreeze(freeze)).toEqual(lifted)
        expect(await store.liftFreeze('nothing', 'U3', NOW)).toBeUndefined()
        expect(await active(NOW + 1)).toEqual(['freeze-2'])
      })
    })
  })
}
