import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, it } from '@jest/globals'
import { aWebhook } from '../builders.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { until, type World, type WorldOptions, world } from '../fakes/world.ts'

const ANA = { workspace: 'T1', user: 'U0ANA' }
const open: World[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()))
})

/** Two replicas on one store, and an incident whose restart was approved at the first. */
async function replicas(options: WorldOptions): Promise<readonly [World, World]> {
  const store = memoryStore()
  const one = world({ ...options, store, owner: 'a' })
  const other = world({ ...options, store, owner: 'b' })
  open.push(one, other)
  const occurredAt = new Date().toISOString()
  await one.commands.pagerDuty(aWebhook({ occurredAt, incident: { createdAt: occurredAt } }))
  await until('an offer', async () => (await remediation(one))?.state === 'proposed')
  await one.commands.click('pd-Q1', (await remediation(one))?.id ?? '', ANA, 'C0ML', 'click-1')
  return [one, other]
}

const remediation = async (one: World) => (await one.store.incident('pd-Q1'))?.value.remediations[0]

it('what is stopped at one replica is let go of by the other, before anything is halted', async () => {
  const order: string[] = []
  const [one, other] = await replicas({
    follow: (context) =>
      new Promise((_resolve, reject) =>
        context.signal.addEventListener('abort', () => {
          order.push('told to let go')
          // An eviction that is under way takes its time.
          void pause(300).then(() => {
            order.push('let go')
            reject(new Error('no longer wanted'))
          })
        }),
      ),
    halt: async () => {
      order.push('halted')
      return { outcome: { result: 'halted', text: 'Halted.' }, offers: [] }
    },
  })
  await until('the rollout', async () => (await remediation(one))?.state === 'following')
  const service = other.ports.catalogue().services[0]
  if (service === undefined) throw new Error('There is a service.')
  await other.commands.abort(service, ANA, 'C0ML', 'latency rises', 'abort-1')
  await until('the halt', async () => (await remediation(one))?.state === 'halted', 4_000)
  expect(order).toEqual(['told to let go', 'let go', 'halted'])
})

it('what one replica carries out is neither carried out nor called interrupted by the other', async () => {
  let end: () => void = () => undefined
  const done = new Promise<void>((resolve) => {
    end = resolve
  })
  let effects = 0
  const [one, other] = await replicas({
    execute: async () => {
      effects += 1
      await done
      return { effect: { generation: 2 } }
    },
  })
  await until('the claim', async () => (await remediation(one))?.state === 'executing')
  for (let sweep = 0; sweep < 5; sweep += 1) {
    await other.pass(0)
    await pause(50)
  }
  expect((await remediation(one))?.state).toBe('executing')
  end()
  await until('its end', async () => (await remediation(one))?.state === 'succeeded')
  expect(effects).toBe(1)
})

it('checks of an incident that another replica hears is over are ended', async () => {
  const store = memoryStore()
  let ended = 0
  const check = (signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => {
        ended += 1
        reject(new Error('no longer wanted'))
      }),
    )
  const runbook = { checks: [{ id: 'memory-trend', check: 'memory-trend', parameters: {}, timeoutMs: 60_000 }] }
  const [one, other] = [world({ store, owner: 'a', check, runbook }), world({ store, owner: 'b', check, runbook })]
  open.push(one, other)
  const at = Date.now()
  const occurredAt = new Date(at).toISOString()
  await one.commands.pagerDuty(aWebhook({ occurredAt, incident: { createdAt: occurredAt } }))
  await until('the checks', async () => (await store.incident('pd-Q1'))?.value.investigations[0]?.checks === 1)
  const resolvedAt = new Date(at + 1_000).toISOString()
  await other.commands.pagerDuty(
    aWebhook({ eventId: 'E2', transition: 'resolved', occurredAt: resolvedAt, incident: { status: 'resolved' } }),
  )
  await until('their end', () => ended === 1)
})
