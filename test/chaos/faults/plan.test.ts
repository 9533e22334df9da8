import { describe, expect, it } from '@jest/globals'
import { drawPlan, type Plan } from './plan.ts'

function plans(storage: Plan['storage'], socketMode = false): readonly Plan[] {
  return Array.from({ length: 20 }, (_, seed) =>
    drawPlan({ seed, bots: 3, storage, socketMode, count: 100, overMs: 20_000 }),
  )
}

const kindsOf = (all: readonly Plan[]) => new Set(all.flatMap(({ faults }) => faults.map(({ kind }) => kind)))

describe('a plan', () => {
  it('is the same for the same seed, and another one for another', () => {
    const [first, second] = [plans('redis'), plans('redis')]
    expect(first).toEqual(second)
    expect(first[0]?.faults).not.toEqual(first[1]?.faults)
  })

  it('comes in order of time and strikes every bot', () => {
    for (const { faults } of plans('redis')) {
      expect(faults).toEqual(faults.toSorted((left, right) => left.atMs - right.atMs))
      expect(new Set(faults.map(({ bot }) => bot))).toEqual(new Set([0, 1, 2]))
    }
  })

  it('has Redis die only where there is one, and disks fill up only where records lie on them', () => {
    const [redis, sqlite] = [kindsOf(plans('redis')), kindsOf(plans('sqlite'))]
    expect([redis.has('redis killed'), redis.has('disk full')]).toEqual([true, false])
    expect([sqlite.has('redis killed'), sqlite.has('disk full')]).toEqual([false, true])
  })

  it('has Slack ask for another connection only where there is one', () => {
    expect(kindsOf(plans('redis', true)).has('slack asks to reconnect')).toBe(true)
    expect(kindsOf(plans('redis')).has('slack asks to reconnect')).toBe(false)
  })
})
