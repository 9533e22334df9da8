import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { gkeAllocatableBytes } from '../../src/analysis/allocatable.ts'

const GIB = 2 ** 30

describe('what a GKE node can give', () => {
  it.each([
    ['n1-highcpu-8 by its nominal size', 7.2, 5.46],
    ['n1-highcpu-8 as its kernel sees it, the second incident’s 5.3', 7.0, 5.3],
    ['n1-highcpu-16', 14.4, 11.86],
    ['n1-standard-8', 30, 26.46],
  ])('of %s (%d GiB) is %d GiB', (_machine, total, gives) => {
    expect(gkeAllocatableBytes(total * GIB) / GIB).toBeCloseTo(gives, 2)
  })

  it('reserves each slice at its own rate, up to the largest machines', () => {
    const reserved = (gib: number) => gib - gkeAllocatableBytes(gib * GIB) / GIB - 100 / 1024
    expect(reserved(4)).toBeCloseTo(1, 9)
    expect(reserved(8)).toBeCloseTo(1.8, 9)
    expect(reserved(16)).toBeCloseTo(2.6, 9)
    expect(reserved(128)).toBeCloseTo(9.32, 9)
    expect(reserved(228)).toBeCloseTo(11.32, 9)
  })

  it('never falls as the machine grows, never exceeds it, and is never negative', () => {
    const size = fc.double({ min: 0, max: 4096, noNaN: true })
    fc.assert(
      fc.property(size, size, (a, b) => {
        const [small, large] = [Math.min(a, b) * GIB, Math.max(a, b) * GIB]
        expect(gkeAllocatableBytes(small)).toBeLessThanOrEqual(gkeAllocatableBytes(large))
        expect(gkeAllocatableBytes(small)).toBeGreaterThanOrEqual(0)
        expect(gkeAllocatableBytes(large)).toBeLessThanOrEqual(large)
      }),
    )
  })
})
