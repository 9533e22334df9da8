import { describe, expect, it } from '@jest/globals'
import type { IncidentEvent } from '../../../src/domain/event.ts'
import { verifyTimeline } from '../../../src/store/timeline-chain.ts'
import { aCommit, anEntry, anEvent, anIncident, arrive, clicksIn, NOW } from '../records.ts'
import { type CurrentStore, leased, TTL_MS } from './harness.ts'

export function commitContract(store: CurrentStore): void {
  describe('commit', () => {
    it('saves the record, consumes the inbox, extends the timeline and marks what is due, in one', async () => {
      for (const id of ['one', 'two', 'three']) await arrive(store(), 'pd-Q1', anEvent(id), [id], NOW)
      const [, second] = await store().inbox('pd-Q1', 2)
      const incident = anIncident({ title: 'Größe → 32 GB \u0000 "quoted"', mergedFrom: ['pd-Q0'] })
      const change = aCommit(await leased(store()), {
        incident,
        consumedUpTo: second?.sequence ?? 0,
        timeline: [anEntry('one'), { ...anEntry('two'), data: { nested: [1, { deep: true }] } }],
        due: [{ key: 'deliver:pd-Q1', at: NOW + 10 }],
      })
      expect(await store().commit(change)).toBe('committed')
      expect(await store().incident('pd-Q1')).toEqual({ value: incident, version: 1 })
      expect(await clicksIn(store(), 'pd-Q1')).toEqual(['three'])
      expect((await store().depth(NOW)).inbox).toBe(1)
      expect((await store().timeline('pd-Q1')).map(({ text, sequence }) => [sequence, text])).toEqual([
        [1, 'one'],
        [2, 'two'],
      ])
      expect((await store().dueItem('deliver:pd-Q1'))?.at).toBe(NOW + 10)
    })

    it('refuses a version that is not the newest, and changes nothing', async () => {
      const held = await leased(store())
      await arrive(store(), 'pd-Q1', anEvent('one'), ['one'], NOW)
      await store().commit(aCommit(held))
      const [entry] = await store().inbox('pd-Q1', 1)
      const stale = aCommit(held, {
        incident: anIncident({ title: 'stale' }),
        consumedUpTo: entry?.sequence ?? 0,
        timeline: [anEntry('stale')],
        due: [{ key: 'stale:pd-Q1', at: NOW }],
      })
      expect(await store().commit(stale)).toBe('conflict')
      expect(await store().commit({ ...stale, expectedVersion: 2 })).toBe('conflict')
      expect((await store().incident('pd-Q1'))?.value.title).toBe(anIncident().title)
      expect(await clicksIn(store(), 'pd-Q1')).toEqual(['one'])
      expect(await store().timeline('pd-Q1')).toEqual([])
      expect(await store().dueItem('stale:pd-Q1')).toBeUndefined()
    })

    it('lets exactly one of many through that change the same version at the same time', async () => {
      const held = await leased(store())
      const titles = Array.from({ length: 10 }, (_, index) => `${index}`)
      const answers = await Promise.all(
        titles.map((title) => store().commit(aCommit(held, { incident: anIncident({ title }) }))),
      )
      expect(answers.filter((answer) => answer === 'committed')).toHaveLength(1)
      const stored = await store().incident('pd-Q1')
      expect(stored).toMatchObject({ version: 1, value: { title: titles[answers.indexOf('committed')] } })
    })

    it('refuses the fence of a lease that was released', async () => {
      const lease = await leased(store())
      await store().release(lease)
      expect(await store().commit(aCommit(lease))).toBe('conflict')
    })

    it('refuses the fence of a holder that was overtaken, and one that was never given out', async () => {
      const slow = await leased(store(), 'incident:pd-Q1', 'slow')
      const fast = await leased(store(), 'incident:pd-Q1', 'fast', NOW + TTL_MS)
      expect(await store().commit(aCommit(slow))).toBe('conflict')
      expect(await store().commit(aCommit({ ...fast, fence: fast.fence + 1 }))).toBe('conflict')
      expect(await store().commit(aCommit({ ...fast, key: 'incident:pd-Q2' }))).toBe('conflict')
      expect(await store().incident('pd-Q1')).toBeUndefined()
      expect(await store().commit(aCommit(fast))).toBe('committed')
    })

    it('chains the timeline over several commits so that any change shows', async () => {
      const held = await leased(store())
      await store().commit(aCommit(held, { timeline: [anEntry('one'), anEntry('two')] }))
      await store().commit(
        aCommit(held, { expectedVersion: 1, timeline: [{ ...anEntry('three'), data: { b: 1, a: 2 } }] }),
      )
      const entries = await store().timeline('pd-Q1')
      expect(verifyTimeline(entries)).toEqual({ ok: true })
      const changed = entries.map((entry) => (entry.sequence === 2 ? { ...entry, text: 'never happened' } : entry))
      expect(verifyTimeline(changed)).toEqual({ ok: false, at: 2 })
    })

    it('removes the due item that it answers, unless that was marked again since', async () => {
      const held = await leased(store())
      await store().markDue('incident:pd-Q1', NOW)
      const item = await store().dueItem('incident:pd-Q1')
      if (!item) throw new Error('not due')
      await store().markDue('incident:pd-Q1', NOW + 5)
      await store().commit(aCommit(held, { settles: item }))
      const again = await store().dueItem('incident:pd-Q1')
      if (!again) throw new Error('the newer mark was lost')
      await store().commit(aCommit(held, { expectedVersion: 1, settles: again }))
      expect(await store().dueItem('incident:pd-Q1')).toBeUndefined()
    })

    it('settles before it marks, so that one change can postpone its own key', async () => {
      await store().markDue('incident:pd-Q1', NOW)
      const item = await store().dueItem('incident:pd-Q1')
      if (!item) throw new Error('not due')
      const due = [{ key: 'incident:pd-Q1', at: NOW + 60_000 }]
      await store().commit(aCommit(await leased(store()), { settles: item, due }))
      expect((await store().dueItem('incident:pd-Q1'))?.at).toBe(NOW + 60_000)
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
      await arrive(store(), 'pd-Q1', event, [], NOW)
      const [entry] = await store().inbox('pd-Q1', 1)
      expect(entry?.event).toStrictEqual(event)
    })
  })
}
