import { describe, expect, it } from '@jest/globals'
import type { IncidentEvent } from '../../../src/domain/event.ts'
import { anEvent, arrive, clicksIn, NOW } from '../records.ts'
import type { CurrentStore } from './harness.ts'

export function intakeContract(store: CurrentStore): void {
  describe('intake', () => {
    it('stores an event once, in order of arrival, and marks its incident due', async () => {
      expect(await arrive(store(), 'pd-Q1', anEvent('one'), ['k1'], NOW)).toBe('stored')
      expect(await arrive(store(), 'pd-Q1', anEvent('two'), ['k2'], NOW + 5)).toBe('stored')
      expect(await arrive(store(), 'pd-Q2', anEvent('other'), ['k3'], NOW)).toBe('stored')
      const [first, second, ...rest] = await store().inbox('pd-Q1', 100)
      expect([first?.event, second?.event, rest]).toEqual([anEvent('one'), anEvent('two'), []])
      expect([first?.receivedAt, second?.receivedAt]).toEqual([NOW, NOW + 5])
      expect(first?.sequence).toBeGreaterThan(0)
      expect(second?.sequence).toBeGreaterThan(first?.sequence ?? 0)
      expect(await clicksIn(store(), 'pd-Q2')).toEqual(['other'])
      expect((await store().due(NOW, 10)).map(({ key }) => key)).toEqual(['incident:pd-Q1', 'incident:pd-Q2'])
    })

    it('refuses an event of which any key was seen, and stores nothing of it', async () => {
      await arrive(store(), 'pd-Q1', anEvent('one'), ['event-1', 'triggered@03:42'], NOW)
      expect(await arrive(store(), 'pd-Q2', anEvent('two'), ['event-2', 'triggered@03:42'], NOW)).toBe('duplicate')
      expect(await clicksIn(store(), 'pd-Q2')).toEqual([])
      expect(await store().dueItem('incident:pd-Q2')).toBeUndefined()
      expect(await arrive(store(), 'pd-Q2', anEvent('three'), ['event-2'], NOW)).toBe('stored')
    })

    it('stores exactly one of many that arrive together with one key', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => arrive(store(), 'pd-Q1', anEvent(`${index}`), ['same'], NOW)),
      )
      expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1)
      expect(await clicksIn(store(), 'pd-Q1')).toHaveLength(1)
    })

    it('takes an event without keys every time', async () => {
      await arrive(store(), 'pd-Q1', anEvent('one'), [], NOW)
      await arrive(store(), 'pd-Q1', anEvent('one'), [], NOW)
      expect(await clicksIn(store(), 'pd-Q1')).toEqual(['one', 'one'])
    })

    it('forgets keys older than a moment, and says how many', async () => {
      await arrive(store(), 'pd-Q1', anEvent('one'), ['old-1', 'old-2'], NOW)
      await arrive(store(), 'pd-Q1', anEvent('two'), ['new'], NOW + 1)
      expect(await store().forgetKeys(NOW + 1)).toBe(2)
      expect(await arrive(store(), 'pd-Q1', anEvent('three'), ['old-1'], NOW + 2)).toBe('stored')
      expect(await arrive(store(), 'pd-Q1', anEvent('four'), ['new'], NOW + 2)).toBe('duplicate')
    })

    it('reads at most as many events as asked for, the oldest first', async () => {
      for (const id of ['one', 'two', 'three']) await arrive(store(), 'pd-Q1', anEvent(id), [id], NOW)
      expect((await store().inbox('pd-Q1', 2)).map(({ event }) => event)).toEqual([anEvent('one'), anEvent('two')])
    })

    it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %p in a record rather than change it', async (value) => {
      const event: IncidentEvent = {
        type: 'investigation-started',
        investigationId: 'inv-1',
        runbook: 'r',
        checks: value,
      }
      await expect(arrive(store(), 'pd-Q1', event, ['k'], NOW)).rejects.toThrow(TypeError)
      expect(await clicksIn(store(), 'pd-Q1')).toEqual([])
      expect(await arrive(store(), 'pd-Q1', anEvent(), ['k'], NOW)).toBe('stored')
    })
  })
}
