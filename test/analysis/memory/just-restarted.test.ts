import { expect, it } from '@jest/globals'
import { analyzeMemory } from '../../../src/analysis/memory/index.ts'

const GB = 1e9
const MINUTE = 60_000

/** Six hours of 0.5 GB every five minutes from 8 GB on, and a process that started with the last sample. */
function justRestarted() {
  const at = Array.from({ length: 240 }, (_, index) => index * MINUTE)
  const deploysTotal = at.map((_, index) => Math.floor(index / 5))
  const bytes = at.map((_, index) => (index === 239 ? 8 * GB : (8 + 0.5 * Math.floor(index / 5)) * GB))
  const processStartAt = at.map((time, index) => (index === 239 ? time : 0))
  return { at, bytes, deploysTotal, processStartAt, limitBytes: 32 * GB }
}

it('takes the level of the process that runs now, even when that has a single sample', () => {
  const { levelBytes, restarts, hoursToLimit } = analyzeMemory(justRestarted())
  expect(restarts).toHaveLength(1)
  expect(levelBytes).toBeCloseTo(8 * GB, -7)
  // 24 GB at 6 GB an hour, if deploys go on: not the minutes that the old process had left.
  expect(hoursToLimit).toBeGreaterThan(3)
})
