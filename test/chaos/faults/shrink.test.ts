import { expect, it } from '@jest/globals'
import type { Verdict } from './history.ts'
import { drawPlan, type Plan } from './plan.ts'
import { shrink } from './shrink.ts'

const HOUR = 3_600_000

function verdictOf(plan: Plan, broken: boolean, tookMs = 1): Verdict {
  return {
    plan,
    struck: plan.faults.map(({ kind }) => kind),
    incidents: 0,
    webhooks: 0,
    acknowledged: 0,
    presses: 0,
    remediations: [],
    shares: [],
    violations: broken ? [{ about: 'Q1', what: 'is lost', story: '' }] : [],
    tookMs,
    settledAfterMs: 0,
  }
}

const plan = drawPlan({ seed: 7, bots: 2, storage: 'redis', socketMode: false, count: 48, overMs: 20_000 })

it('finds the two faults that only together break a promise', async () => {
  const guilty = [plan.faults[5], plan.faults[31]]
  const breaks = ({ faults }: Plan): boolean => guilty.every((fault) => fault !== undefined && faults.includes(fault))
  const { smallest } = await shrink(verdictOf(plan, true), async (one) => verdictOf(one, breaks(one)), HOUR)
  expect(smallest.plan.faults).toEqual(guilty)
})

it('keeps the whole history where no part of it breaks a promise', async () => {
  const { smallest, tries } = await shrink(verdictOf(plan, true), async (one) => verdictOf(one, false), HOUR)
  expect(smallest.plan).toBe(plan)
  expect(tries).toBeGreaterThan(0)
})

it('begins no try that would not end in time', async () => {
  const { tries } = await shrink(verdictOf(plan, true, 60_000), async (one) => verdictOf(one, true), 59_000)
  expect(tries).toBe(0)
})
