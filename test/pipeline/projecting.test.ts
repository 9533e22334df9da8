import { getEventListeners } from 'node:events'
import { afterEach, expect, it, jest } from '@jest/globals'
import { createPipeline, type Pipeline } from '../../src/pipeline/pipeline.ts'
import type { Hold } from '../../src/pipeline/ports.ts'
import { aWebhook } from '../builders.ts'
import { until, type World, world } from '../fakes/world.ts'

const KEY = 'projection:pd-Q1'
const open: World[] = []

afterEach(async () => {
  jest.restoreAllMocks()
  await Promise.all(open.splice(0).map((one) => one.stop()))
})

/** A pipeline that projects an incident in this way. */
async function projecting(reconcile: (hold: Hold) => Promise<'complete'>): Promise<Pipeline> {
  const one = world()
  open.push(one)
  await one.commands.pagerDuty(aWebhook())
  await until('the incident', async () => (await one.store.incident('pd-Q1')) !== undefined)
  const projections = [{ name: 'mine', reconcile: (_view: unknown, hold: Hold) => reconcile(hold) }]
  return createPipeline({ ...one.ports, owner: 'mine', projections })
}

it('many projections leave nothing behind on a signal that outlives them', async () => {
  const given: AbortSignal[] = []
  const pipeline = await projecting(async ({ signal }) => {
    given.push(signal)
    return 'complete'
  })
  // What is derived from a signal stays on it as long as it lives: Node 20 takes nothing away.
  const derived = jest.spyOn(AbortSignal, 'any')
  while (given.length < 30) await pipeline.handlers.projection?.(KEY)
  const sources = derived.mock.calls.flatMap(([signals]) => [...signals])
  expect(sources.length).toBeGreaterThanOrEqual(given.length)
  expect(new Set(sources).size).toBe(sources.length)
  expect([...sources, ...given].flatMap((signal) => getEventListeners(signal, 'abort'))).toEqual([])
})

it('what is being projected is told to end when the process stops, and nothing is projected after that', async () => {
  let ended = false
  let begun = 0
  const pipeline = await projecting(
    ({ signal }) =>
      new Promise((resolve) => {
        begun += 1
        signal.addEventListener('abort', () => {
          ended = true
          resolve('complete')
        })
      }),
  )
  const running = async () => {
    while (begun === 0) await pipeline.handlers.projection?.(KEY)
  }
  const all = running()
  await until('the projection', () => begun === 1)
  await pipeline.stop(50)
  await all
  expect(ended).toBe(true)
  await pipeline.handlers.projection?.(KEY)
  expect(begun).toBe(1)
})
