import { describe, expect, it } from '@jest/globals'
import { Autoscaler, wishedReplicas } from '../../../../src/sandbox/world/traffic-surge/autoscaler.ts'

const replicas = (count: number, cores: number): readonly number[] => Array.from({ length: count }, () => cores)

describe('the autoscaler of the second incident', () => {
  it.each([
    ['at its target', replicas(10, 4), 0, 10],
    ['a little below', replicas(10, 3.7), 0, 10],
    ['well below', replicas(10, 2), 0, 5],
    ['above', replicas(10, 5), 0, 13],
    ['above, with some on their way', replicas(10, 8), 4, 20],
    ['above, with enough on their way', replicas(10, 5), 4, 14],
    ['most of them dead, the others dying at 350 %', replicas(6, 3.5), 15, 21],
    ['all of them dead', [], 21, 21],
  ])('%s: wishes for as many as bring the average to four cores', (_what, cores, starting, expected) => {
    expect(wishedReplicas(cores, starting)).toBe(expected)
  })

  it('grows at once and shrinks only after five minutes of wishing for less', () => {
    const autoscaler = new Autoscaler({ minimum: 6, maximum: 80, desired: 10 })
    expect(autoscaler.look(0, replicas(10, 8), 0)).toBe(20)
    expect(autoscaler.look(60_000, replicas(20, 1), 0)).toBe(20)
    expect(autoscaler.look(240_000, replicas(20, 1), 0)).toBe(20)
    expect(autoscaler.look(301_000, replicas(20, 1), 0)).toBe(6)
  })

  it('looks every 15 s and keeps its bounds', () => {
    const autoscaler = new Autoscaler({ minimum: 6, maximum: 80, desired: 50 })
    expect(autoscaler.look(0, replicas(50, 8), 0)).toBe(80)
    const small = new Autoscaler({ minimum: 6, maximum: 80, desired: 10 })
    small.look(0, replicas(10, 4), 0)
    expect(small.look(14_000, replicas(10, 8), 0)).toBe(10)
    small.minimum = 21
    expect(small.desired).toBe(21)
  })
})
