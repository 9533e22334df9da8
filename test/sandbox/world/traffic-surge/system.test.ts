import { describe, expect, it } from '@jest/globals'
import { seededRandom } from '../../../../src/sandbox/world/random.ts'
import { liveThrough } from '../../../../src/sandbox/world/traffic-surge/past.ts'
import { PLANNED_RPS } from '../../../../src/sandbox/world/traffic-surge/prediction-server.ts'
import type { PredictionSystem } from '../../../../src/sandbox/world/traffic-surge/system.ts'
import { SURGE_RPS } from '../../../../src/sandbox/world/traffic-surge/traffic.ts'

const NOW = Date.UTC(2026, 2, 17, 7)
const MINUTE_MS = 60_000
const names = Array.from({ length: 21 }, (_, index) => `prediction-${String(index).padStart(2, '0')}`)

/** The system in the middle of its trouble, and a way to let minutes go by. */
function inTrouble(seed = 1) {
  const silent = { scrape() {}, died() {} }
  const { system, chronicle } = liveThrough(names, NOW, seededRandom(seed), () => silent)
  let at = NOW
  const deaths: number[] = []
  const hands = { scale() {}, mayStart: () => true, started() {}, died: () => void deaths.push(at) }
  return {
    system,
    chronicle,
    deaths,
    get at() {
      return at
    },
    pass(minutes: number, offered: number, each: (system: PredictionSystem) => void = () => {}) {
      const until = at + minutes * MINUTE_MS
      while (at < until) {
        at += 5_000
        system.pass(at, 5, offered, hands)
        each(system)
      }
    },
  }
}

const up = (system: PredictionSystem): number => system.main.up.size

describe('the system of the second incident', () => {
  it.each([1, 2, 3])(
    'keeps 5 to 7 of 21 replicas alive under the surge, and nearly all requests fail (seed %s)',
    (seed) => {
      const trouble = inTrouble(seed)
      const sizes: number[] = []
      trouble.pass(60, SURGE_RPS, (system) => sizes.push(up(system)))
      const average = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
      expect(average).toBeGreaterThan(5.3)
      expect(average).toBeLessThan(6.7)
      expect(Math.max(...sizes)).toBeLessThan(21 / 2)
      expect(trouble.system.failing).toBeGreaterThan(0.95)
      expect(trouble.system.autoscaler.desired).toBe(21)
    },
  )

  it('does not recover when the traffic is what it was at night', () => {
    const trouble = inTrouble()
    trouble.pass(60, 12_000)
    expect(up(trouble.system)).toBeLessThan(9)
    expect(trouble.system.failing).toBeGreaterThan(0.95)
  })

  it('carried twice that yesterday, when it rose slowly', () => {
    const { chronicle } = inTrouble()
    const yesterday = chronicle.sizes.filter(({ at }) => at < NOW - 3 * 60 * MINUTE_MS)
    expect(Math.max(...yesterday.map(({ up: size }) => size))).toBe(21)
    expect(chronicle.deaths.filter(({ at }) => at < NOW - 3 * 60 * MINUTE_MS)).toEqual([])
  })

  it('does not recover by a rolling restart', () => {
    const trouble = inTrouble()
    for (const name of names) {
      trouble.system.main.restart(name, trouble.at)
      trouble.pass(1, SURGE_RPS)
    }
    trouble.pass(30, SURGE_RPS)
    expect(up(trouble.system)).toBeLessThan(9)
    expect(trouble.system.failing).toBeGreaterThan(0.95)
  })

  it('recovers when no more is let through than what is up can carry, and bears the surge a quarter of an hour later', () => {
    const trouble = inTrouble()
    trouble.system.shed(up(trouble.system) * PLANNED_RPS)
    trouble.pass(15, SURGE_RPS)
    expect(up(trouble.system)).toBe(21)
    expect(trouble.system.failing).toBeLessThan(0.001)
    trouble.system.shed(Number.POSITIVE_INFINITY)
    const before = trouble.deaths.length
    trouble.pass(30, SURGE_RPS)
    expect(trouble.deaths).toHaveLength(before)
    expect(trouble.system.failing).toBeLessThan(0.001)
  })

  it('recovers by enough replicas out of rotation that get the traffic gradually', () => {
    const trouble = inTrouble()
    trouble.system.autoscaler.minimum = 21
    for (let index = 0; index < 27; index += 1) trouble.system.spare.restart(`spare-${index}`, trouble.at)
    trouble.pass(2, SURGE_RPS)
    expect(trouble.system.spare.up.size).toBe(27)
    for (const share of [0.25, 0.5, 0.75, 1]) {
      trouble.system.shift(share)
      trouble.pass(2, SURGE_RPS)
    }
    trouble.pass(10, SURGE_RPS)
    expect([up(trouble.system), trouble.system.spare.up.size]).toEqual([21, 27])
    expect(trouble.system.failing).toBeLessThan(0.001)
  })

  it('loses too small a number of replicas out of rotation as well', () => {
    const trouble = inTrouble()
    for (let index = 0; index < 8; index += 1) trouble.system.spare.restart(`spare-${index}`, trouble.at)
    trouble.pass(2, SURGE_RPS)
    trouble.system.shift(1)
    trouble.pass(10, SURGE_RPS)
    expect(trouble.system.failing).toBeGreaterThan(0.5)
  })

  it('kills at the memory ceiling, below the CPU that the autoscaler waits for', () => {
    const trouble = inTrouble()
    const recent = trouble.chronicle.deaths.filter(({ at }) => at > NOW - 60 * MINUTE_MS)
    expect(recent.length).toBeGreaterThan(130)
    for (const { bytes, cores } of recent) {
      expect(bytes / 2 ** 30).toBeCloseTo(5.28, 1)
      expect(cores).toBeGreaterThan(3.3)
      expect(cores).toBeLessThan(3.7)
    }
  })

  it('is the same again with the same seed', () => {
    expect(inTrouble(7).chronicle).toEqual(inTrouble(7).chronicle)
    expect(inTrouble(7).chronicle).not.toEqual(inTrouble(8).chronicle)
  })
})
