import fc from 'fast-check'
import { APPROVERS } from './bots.ts'
import type { History } from './history.ts'
import type { Fault } from './workload.ts'

type Real = { history: History }
type Step = fc.AsyncCommand<object, Real>

/** A step of a history, which says what it did when a history has to be told. */
function step(name: string, run: (history: History) => Promise<void>): Step {
  return { check: () => true, run: (_model, { history }) => run(history), toString: () => name }
}

const bot = fc.constantFrom(0 as const, 1 as const)
const user = fc.constantFrom(...APPROVERS, 'U0BEN')

/** Whatever people, processes, networks and clocks do between an offer and its end. */
export const steps: fc.Arbitrary<Step>[] = [
  fc
    .tuple(bot, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 3 }))
    .map(([who, calls, index]) =>
      step(`bot ${who} makes ${calls} calls, out of turn by ${index}`, (h) => h.run(who, calls, index)),
    ),
  fc
    .tuple(bot, fc.integer({ min: 1, max: 60 }))
    .map(([who, calls]) => step(`bot ${who} makes ${calls} calls`, (h) => h.run(who, calls))),
  fc
    .tuple(bot, user, fc.nat(5), fc.nat(6))
    .map(([who, by, choice, key]) =>
      step(`${by} presses ${choice} at bot ${who}, press ${key}`, (h) =>
        h.press(who, by, choice, `press-${key}-${by}`),
      ),
    ),
  fc.tuple(user, fc.nat(5), fc.nat(6)).map(([by, choice, key]) =>
    step(`${by} presses ${choice}, and both bots get press ${key}`, async (h) => {
      await h.press(0, by, choice, `press-${key}-${by}`)
      await h.press(1, by, choice, `press-${key}-${by}`)
    }),
  ),
  fc
    .tuple(bot, fc.nat(3))
    .map(([who, halfDone]) => step(`bot ${who} dies, ${halfDone} calls half done`, (h) => h.crash(who, halfDone))),
  fc
    .constantFrom(-30_000, 900, 6_000, 11_000, 16_000, 61_000, 301_000, 960_000)
    .map((ms) => step(`the clock moves by ${ms} ms`, (h) => h.passTime(ms))),
  fc.tuple(bot, user, fc.integer({ min: 20, max: 60 })).map(([who, by, calls]) =>
    step(`${by} presses the newest at bot ${who}, which makes ${calls} calls`, async (h) => {
      await h.press(who, by, -1, `newest-${by}-${calls}`)
      await h.run(who, calls)
    }),
  ),
  // What takes the word of several people comes by them seldom enough otherwise.
  fc.tuple(bot, fc.nat(5), fc.integer({ min: 10, max: 45 })).map(([who, choice, calls]) =>
    step(`all who may press ${choice} at bot ${who}, which makes ${calls} calls after each`, async (h) => {
      for (const by of APPROVERS) {
        await h.press(who, by, choice, `together-${by}-${calls}`)
        await h.run(who, calls)
      }
    }),
  ),
  fc.tuple(bot, bot, fc.integer({ min: 10, max: 45 })).map(([who, other, calls]) =>
    step(`U0ANA presses the newest at bot ${who}, and stops it at bot ${other} after ${calls} calls`, async (h) => {
      await h.press(who, 'U0ANA', -1, `stopped-${calls}`)
      await h.run(who, calls)
      await h.abort(other, `stop-${calls}`)
    }),
  ),
  fc.tuple(bot, fc.nat(20)).map(([who, count]) =>
    step(`PagerDuty reopens it and bot ${who} has time for a diagnosis`, async (h) => {
      await h.reopen(who, 100 + count)
      await h.run(who, 120)
    }),
  ),
  fc.constant(step('a sweep', (h) => h.sweep())),
  fc.constantFrom<Fault>('conflict', 'never-arrived', 'answer-lost', 'refused').map((fault) =>
    step(`the next change meets ${fault}`, async ({ workload }) => {
      workload.nextFault = fault
    }),
  ),
  fc.constant(step('somebody deploys', async ({ workload }) => workload.change())),
  fc.constant(step('the status is written', async ({ workload }) => workload.touch())),
  fc.tuple(bot, fc.nat(3)).map(([who, key]) => step(`an abort at bot ${who}`, (h) => h.abort(who, `abort-${key}`))),
  fc
    .tuple(bot, fc.nat(20))
    .map(([who, count]) => step(`PagerDuty reopens it, told to bot ${who}`, (h) => h.reopen(who, count))),
]
