import { describe, expect, it } from '@jest/globals'
import { followUp } from '../../src/analysis/follow-up.ts'
import type { Fact } from '../../src/domain/finding.ts'
import { aFinding } from '../builders.ts'

const GB = 1e9
const fact = (id: string, value: number, interval?: Fact['interval']): Fact => ({
  ...{ id, label: id, value, unit: 'bytes' },
  ...(interval && { interval }),
})
const memory = (level: number, ...more: Fact[]) =>
  aFinding({ facts: [fact('level', level), fact('limit', 32 * GB), ...more] })
const before = [memory(31.2 * GB, fact('growthPerHour', 6.3 * GB, { low: 5 * GB, high: 8 * GB }))]
const cache = (resident: number) =>
  aFinding({
    id: 'c',
    check: 'cache-residency',
    facts: [fact('configured', 10), fact('resident', resident), fact('perModel', 0.5 * GB)],
  })

describe('what a restart bought', () => {
  it('tells the refill of the cache from the leak and gives the next limit with its interval', () => {
    expect(followUp(before, [memory(8 * GB), cache(0)], 'decimal', { frozen: true }).says).toEqual([
      '23.2 GB freed; the cause is still there. The cache filling up again takes about 5 GB of that room and is no leak: do not extrapolate it.',
      'If deploys go on as before, the limit is about 3.02 h away [2.38 h to 3.8 h]. While the freeze holds, memory should stop growing once the cache is full; if it does not, this diagnosis is wrong.',
    ])
  })

  it('says that deploys go on where nothing is frozen, and nothing of a refill where the cache is full', () => {
    const said = followUp(before, [memory(8 * GB), cache(10)], 'decimal', { frozen: false }).says.join(' ')
    expect(said).toContain('Deploys are not frozen')
    expect(said).not.toContain('filling up')
  })

  it('does not call it success when memory stayed', () => {
    expect(followUp(before, [memory(31 * GB)], 'decimal', { frozen: false })).toEqual({
      relieved: false,
      says: ['Memory did not go down (31.2 GB → 31 GB): the restart bought nothing.'],
    })
  })

  it('is silent where memory is not known', () => {
    expect(
      followUp(
        before,
        [memory(8 * GB)].map((one) => ({ ...one, verdict: 'unknown' as const })),
        'decimal',
        { frozen: false },
      ).says,
    ).toEqual([])
    expect(followUp([], [memory(8 * GB)], 'decimal', { frozen: false })).toEqual({ relieved: false, says: [] })
  })
})
