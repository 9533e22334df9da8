import { describe, expect, it } from '@jest/globals'
import { NOW } from '../records.ts'
import { type CurrentStore, leased, TTL_MS } from './harness.ts'

const KEY = 'incident:pd-Q1'

export function leaseContract(store: CurrentStore): void {
  describe('a lease', () => {
    const taken = async (now: number) => (await store().acquire(KEY, 'b', TTL_MS, now)) !== undefined

    it('is held by one owner until its last millisecond', async () => {
      const lease = await leased(store())
      expect(lease).toEqual({ key: KEY, owner: 'a', fence: expect.any(Number), expiresAt: NOW + TTL_MS })
      expect(await taken(lease.expiresAt - 1)).toBe(false)
      expect(await taken(lease.expiresAt)).toBe(true)
    })

    it('of one key is independent of those of others', async () => {
      await leased(store())
      expect((await leased(store(), 'incident:pd-Q2', 'b')).owner).toBe('b')
    })

    it('goes to exactly one of many that ask at the same time', async () => {
      const owners = Array.from({ length: 20 }, (_, index) => `owner-${index}`)
      const answers = await Promise.all(owners.map((owner) => store().acquire(KEY, owner, TTL_MS, NOW)))
      expect(answers.filter((lease) => lease !== undefined)).toHaveLength(1)
    })

    it('has a larger fence every time it is acquired: released, expired, or by the same owner', async () => {
      const first = await leased(store())
      await store().release(first)
      const second = await leased(store(), KEY, 'b')
      const third = await leased(store(), KEY, 'c', second.expiresAt)
      const fourth = await leased(store(), KEY, 'c', second.expiresAt)
      const fences = [first, second, third, fourth].map(({ fence }) => fence)
      expect(fences).toEqual([...new Set(fences)].sort((left, right) => left - right))
    })

    it('is free for others once released', async () => {
      await store().release(await leased(store()))
      expect(await taken(NOW)).toBe(true)
    })

    it('lasts longer when renewed in time', async () => {
      const lease = await leased(store())
      const renewed = await store().renew(lease, TTL_MS, NOW + TTL_MS - 1)
      expect(renewed).toEqual({ ...lease, expiresAt: NOW + 2 * TTL_MS - 1 })
      expect(await taken(NOW + TTL_MS)).toBe(false)
    })

    it('cannot be renewed once it expired, was released, or went to somebody else', async () => {
      const expired = await leased(store())
      expect(await store().renew(expired, TTL_MS, expired.expiresAt)).toBeUndefined()
      const lost = expired
      const released = await leased(store(), KEY, 'b', expired.expiresAt)
      expect(await store().renew(lost, TTL_MS, expired.expiresAt)).toBeUndefined()
      await store().release(released)
      expect(await store().renew(released, TTL_MS, expired.expiresAt)).toBeUndefined()
    })

    it('is not released by a holder that lost it', async () => {
      const lost = await leased(store())
      const now = lost.expiresAt
      await leased(store(), KEY, 'c', now)
      await store().release(lost)
      expect(await taken(now)).toBe(false)
    })
  })
}
