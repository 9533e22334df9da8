import { expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import { sized } from '../size.ts'
import { steps } from './commands.ts'
import { begin } from './history.ts'

const HISTORIES = Number(process.env.INCBOT_MODEL_HISTORIES ?? sized(2_000, 10_000))
const STEPS = 18

/** `INCBOT_MODEL_SEED` repeats a run; a failure prints its seed, its path and the shortest history. */
const seed = Number(process.env.INCBOT_MODEL_SEED ?? Date.now() % 1_000_000_000)

it(`carries out no approval twice and loses none silently, in ${HISTORIES.toLocaleString('en')} histories of two bots`, async () => {
  // Leases are kept alive by timers; here time passes when the history says so.
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] })
  const seen = { effects: 0, unknown: 0, refused: 0, approved: 0, halted: 0, endorsed: 0 }
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: STEPS, size: 'max' }), async (commands) => {
      const history = await begin()
      await fc.asyncModelRun(() => ({ model: {}, real: { history } }), commands)
      expect(await history.end()).toEqual([])
      jest.clearAllTimers()
      for (const [key, count] of Object.entries(await history.tally())) seen[key as keyof typeof seen] += count
    }),
    { numRuns: HISTORIES, seed, endOnFailure: false, verbose: 0 },
  )
  jest.useRealTimers()
  process.stderr.write(`at most once: seed ${seed}, ${HISTORIES} histories, ${JSON.stringify(seen)}\n`)
  // A run in which hardly anything happened would prove little.
  for (const [what, count] of Object.entries(seen)) expect([what, count > HISTORIES / 50]).toEqual([what, true])
}, 600_000)
