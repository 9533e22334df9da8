import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { KillLevel } from '../../src/analysis/which-limit.ts'
import { mostKills, whichLimit } from '../../src/analysis/which-limit.ts'

/** A node of the second incident, one replica on it. */
const level = (change: Partial<KillLevel>): KillLevel => ({
  ...{
    bytes: 5.3,
    onNodeBytes: change.bytes ?? 5.3,
    containerLimitBytes: undefined,
    allocatableBytes: 5.3,
    daemonSetBytes: 0,
  },
  ...change,
})

describe('a kill', () => {
  it.each([
    ['at 5.3 of 5.3 that the node can give, without a limit of its own', {}, 'killed_within_5pct_of_allocatable', 5.3],
    ['just within 5 % of it', { bytes: 5.04 }, 'killed_within_5pct_of_allocatable', 5.3],
    ['just below 5 % of it', { bytes: 5.03 }, 'killed_elsewhere', undefined],
    [
      'at its own limit on a roomy node',
      { bytes: 31.9, containerLimitBytes: 32, allocatableBytes: 130 },
      'at_container_limit',
      32,
    ],
    ['with both reached, the node lower', { containerLimitBytes: 5.5 }, 'killed_within_5pct_of_allocatable', 5.3],
    ['with both reached, its own lower', { containerLimitBytes: 5.2 }, 'at_container_limit', 5.2],
    ['on a node that its neighbours fill', { bytes: 2, onNodeBytes: 5.2 }, 'killed_within_5pct_of_allocatable', 5.3],
    ['on a node that DaemonSets share', { bytes: 4.8, daemonSetBytes: 0.4 }, 'killed_within_5pct_of_allocatable', 5.3],
    [
      'with only its own limit known, far below it',
      { containerLimitBytes: 32, allocatableBytes: undefined },
      'killed_elsewhere',
      undefined,
    ],
  ] as const)('%s', (_what, change, killer, bindingBytes) => {
    expect(whichLimit(level(change))).toMatchObject({ killer, bindingBytes })
  })

  it('tells nothing where no limit is known', () => {
    expect(whichLimit(level({ allocatableBytes: undefined }))).toBeUndefined()
  })

  it('ran into the same in any unit', () => {
    const size = fc.double({ min: 0.1, max: 100, noNaN: true })
    fc.assert(
      fc.property(size, size, size, fc.constantFrom(2 ** 10, 2 ** 30), (bytes, limit, allocatable, unit) => {
        const one = whichLimit(
          level({ bytes, onNodeBytes: bytes, containerLimitBytes: limit, allocatableBytes: allocatable }),
        )
        const other = whichLimit(
          level({
            bytes: bytes * unit,
            onNodeBytes: bytes * unit,
            containerLimitBytes: limit * unit,
            allocatableBytes: allocatable * unit,
          }),
        )
        expect(other?.killer).toBe(one?.killer)
      }),
    )
  })
})

describe('of several kills', () => {
  const at = (bytes: number) => ({ killer: 'killed_within_5pct_of_allocatable' as const, bytes, bindingBytes: 5.3 })
  const elsewhere = { killer: 'killed_elsewhere' as const, bytes: 2, bindingBytes: undefined }

  it('most decide, with the range of what they held', () => {
    expect(mostKills([at(5.3), elsewhere, at(5.1), at(5.4)])).toEqual({
      ...{
        killer: 'killed_within_5pct_of_allocatable',
        kills: 3,
        bytes: 5.3,
        range: { low: 5.1, high: 5.4 },
        bindingBytes: 5.3,
      },
    })
  })

  it('of equally many those that ran into something decide', () => {
    expect(mostKills([elsewhere, at(5.3)])?.killer).toBe('killed_within_5pct_of_allocatable')
  })

  it('none decide nothing', () => {
    expect(mostKills([])).toBeUndefined()
  })
})
