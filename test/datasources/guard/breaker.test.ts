import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { admit, answered, type Breaker, closed, unanswered, undecided } from '../../../src/datasources/guard/breaker.ts'

const LIMITS = { failures: 3, firstRestMs: 30_000, longestRestMs: 100_000 }

function afterFailures(failures: number, now = 0): Breaker {
  return Array.from({ length: failures }).reduce<Breaker>((breaker) => unanswered(breaker, LIMITS, now), closed)
}

describe('the breaker', () => {
  it('opens at the last of so many failures in a row, and not before', () => {
    expect([1, 2, 3].map((count) => afterFailures(count).state)).toEqual(['closed', 'closed', 'open'])
  })

  it('starts counting again after any answer', () => {
    expect(unanswered(answered(), LIMITS, 0)).toEqual({ state: 'closed', failures: 1 })
  })

  it('lets one question through when its rest is over, and no second until that one has ended', () => {
    const open = afterFailures(3)
    expect(admit(open, 29_999).refused).toBe(true)
    const probe = admit(open, 30_000)
    expect([probe.refused, probe.breaker.state]).toEqual([false, 'probing'])
    expect(admit(probe.breaker, 30_001).refused).toBe(true)
  })

  it('rests twice as long after each probe that fails, up to the longest', () => {
    let breaker = afterFailures(3)
    const rests: number[] = []
    for (let probe = 0; probe < 4; probe += 1) {
      if (breaker.state !== 'open') throw new Error('It should be open.')
      rests.push(breaker.restMs)
      breaker = unanswered(admit(breaker, breaker.until).breaker, LIMITS, breaker.until)
    }
    expect(rests).toEqual([30_000, 60_000, 100_000, 100_000])
  })

  it('probes with the next question when a probe was called off', () => {
    const probing = admit(afterFailures(3), 30_000).breaker
    const again = admit(undecided(probing, 31_000), 31_000)
    expect([again.refused, again.breaker.state]).toEqual([false, 'probing'])
  })

  it('is never refused for good: whatever happened, some later moment admits a question', () => {
    const event = fc.constantFrom('ask', 'answered', 'unanswered', 'undecided', 'wait')
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let now = 0
        let breaker: Breaker = closed
        for (const one of events) {
          now += one === 'wait' ? 40_000 : 1
          if (one === 'ask') breaker = admit(breaker, now).breaker
          if (one === 'answered') breaker = answered()
          if (one === 'unanswered') breaker = unanswered(breaker, LIMITS, now)
          if (one === 'undecided') breaker = undecided(breaker, now)
        }
        // Whoever probes always reports what came of it.
        if (breaker.state === 'probing') breaker = unanswered(breaker, LIMITS, now)
        expect(admit(breaker, now + LIMITS.longestRestMs).refused).toBe(false)
      }),
    )
  })
})
