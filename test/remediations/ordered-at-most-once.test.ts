import { expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import type { Outcome } from '../../src/domain/remediation.ts'
import { orderedRestart } from '../../src/remediations/ordered-restart.ts'
import type { RemediationContext } from '../../src/remediations/remediation.ts'
import { type Turnstile, turnstile } from '../chaos/at-most-once/turnstile.ts'
import { aCluster } from './a-cluster/index.ts'
import { useClock } from './clock.ts'
import { aContext, executed, planOf } from './play.ts'

const HISTORIES = 150
const PATIENCE = 4_000

/** What happens next: a call of one of those who follow is let through, time passes, the cluster goes on, or one dies and another takes over. */
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('let' as const), who: fc.nat(1), which: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.constant({ do: 'second' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'tick' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), who: fc.nat(1), halfDone: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fault' as const), lost: fc.boolean() }) },
)

const world = fc.record({
  kind: fc.constantFrom('Deployment' as const, 'StatefulSet' as const, 'DaemonSet' as const),
  replicas: fc.integer({ min: 1, max: 5 }),
  budget: fc.boolean(),
  steps: fc.array(step, { maxLength: 250 }),
})

interface Follower {
  readonly gate: Turnstile
  readonly end: Promise<Outcome | { readonly halt: string }>
}

useClock()

it(`two who follow one ordered restart, dying at any moment, take each pod once and never two at a time: ${HISTORIES} histories`, async () => {
  let finished = 0
  await fc.assert(
    fc.asyncProperty(world, async ({ kind, replicas, budget, steps }) => {
      const cluster = aCluster({ kind, replicas, ...(budget && { minAvailable: replicas - 1 }) })
      const before = cluster.pods.map(({ uid }) => uid)
      const planning = aContext(cluster)
      const plan = await planOf(orderedRestart, planning, { settle: '2s', deadline: '7d' })
      const effect = await executed(orderedRestart, planning, plan)

      /** Everything outside of it waits at its turnstile, so that it may see what was so a long time ago. */
      const begin = (): Follower => {
        const gate = turnstile()
        const writer = gate.guard('writer', cluster.writer)
        const observer = gate.guard('observer', cluster.observer)
        const own = gate.guard('own', { switchedOff: async () => undefined })
        const context: RemediationContext = aContext(cluster, {
          writer: () => writer,
          observer: () => observer,
          switchedOff: () => own.switchedOff(),
        })
        const end = orderedRestart.follow(context, plan, effect, () => undefined)
        end.catch(() => undefined)
        return { gate, end }
      }
      const followers: [Follower, Follower] = [begin(), begin()]
      const check = (): void => {
        expect(new Set(cluster.evicted).size).toBe(cluster.evicted.length)
        expect(cluster.evicted.filter((uid) => !before.includes(uid))).toEqual([])
        expect(cluster.fewestReady).toBeGreaterThanOrEqual(replicas - 1)
      }
      for (const one of steps) {
        if (one.do === 'let') await followers[one.who === 0 ? 0 : 1].gate.letThrough(one.which)
        if (one.do === 'second') await jest.advanceTimersByTimeAsync(1_000)
        if (one.do === 'tick') cluster.tick()
        if (one.do === 'fault') cluster.failNext('evict', one.lost ? 'answer-lost' : 'never-arrived')
        if (one.do === 'crash') {
          const who = one.who === 0 ? 0 : 1
          await followers[who].gate.collapse(one.halfDone)
          followers[who] = begin()
        }
        await turn()
        check()
      }
      // Whatever happened, it comes to its end.
      let ended = false
      const both = Promise.all(followers.map(({ end }) => end)).finally(() => {
        ended = true
      })
      for (let turns = 0; !ended && turns < PATIENCE; turns += 1) {
        for (const { gate } of followers) while (gate.waiting > 0) await gate.letThrough()
        await turn()
        if (turns % 4 === 0) cluster.tick()
        await jest.advanceTimersByTimeAsync(1_000)
        check()
      }
      expect((await both).map((end) => ('result' in end ? end.result : end.halt))).toEqual(['succeeded', 'succeeded'])
      expect(cluster.evicted.toSorted()).toEqual(before.toSorted())
      expect(cluster.changes).toEqual([])
      finished += 1
    }),
    { numRuns: HISTORIES },
  )
  expect(finished).toBeGreaterThanOrEqual(HISTORIES)
}, 120_000)

/** Everything that needs no further call has happened by the next turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
