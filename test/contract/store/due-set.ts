import { describe, expect, it } from '@jest/globals'
import { anEvent, arrive, NOW } from '../records.ts'
import { type CurrentStore, marked } from './harness.ts'

export function dueSetContract(store: CurrentStore): void {
  describe('the due set', () => {
    const keys = async (now: number, limit = 10) => (await store().due(now, limit)).map(({ key }) => key)

    it('lists what is due by now, the longest overdue first, at most as many as asked for', async () => {
      await store().markDue('b', NOW - 1)
      await store().markDue('a', NOW)
      await store().markDue('c', NOW - 2)
      await store().markDue('later', NOW + 1)
      expect(await keys(NOW)).toEqual(['c', 'b', 'a'])
      expect(await keys(NOW, 2)).toEqual(['c', 'b'])
      expect(await keys(NOW, Number.MAX_SAFE_INTEGER)).toEqual(['c', 'b', 'a'])
    })

    it('says when the next item falls due', async () => {
      await store().markDue('overdue', NOW)
      expect(await store().nextDueAt(NOW)).toBeUndefined()
      await store().markDue('second', NOW + 20)
      await store().markDue('first', NOW + 10)
      expect(await store().nextDueAt(NOW)).toBe(NOW + 10)
      expect(await store().nextDueAt(NOW + 10)).toBe(NOW + 20)
    })

    it('keeps the earlier of two times for one key', async () => {
      await store().markDue('early', NOW)
      await store().markDue('early', NOW + 60_000)
      expect((await marked(store(), 'early')).at).toBe(NOW)
      await store().markDue('early', NOW - 5)
      expect((await marked(store(), 'early')).at).toBe(NOW - 5)
      expect(await keys(NOW)).toEqual(['early'])
    })

    it('pulls an incident that was due later to now when an event arrives', async () => {
      await store().markDue('incident:pd-Q1', NOW + 60_000)
      await arrive(store(), 'pd-Q1', anEvent(), ['k'], NOW)
      expect((await marked(store(), 'incident:pd-Q1')).at).toBe(NOW)
    })

    it('settles an item, but not one that was marked again since it was read', async () => {
      await store().markDue('a', NOW)
      const read = await marked(store(), 'a')
      await store().markDue('a', NOW)
      await store().settle(read)
      const again = await marked(store(), 'a')
      expect(again.ticket).not.toBe(read.ticket)
      await store().settle(again)
      expect(await store().dueItem('a')).toBeUndefined()
    })

    it('never gives a ticket of a key out twice, also after it was settled', async () => {
      await store().markDue('a', NOW)
      const first = await marked(store(), 'a')
      await store().settle(first)
      await store().markDue('a', NOW)
      await store().settle(first)
      expect((await marked(store(), 'a')).ticket).not.toBe(first.ticket)
    })

    it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %p as a time', async (at) => {
      await expect(store().markDue('a', at)).rejects.toThrow(TypeError)
      expect(await store().dueItem('a')).toBeUndefined()
    })
  })
}
