import { z } from 'zod'
import type { Check } from '../../../src/checks/check.ts'
import type { PersonFacts } from '../../../src/domain/authorize.ts'
import type { Jobs } from '../../../src/jobs/jobs.ts'
import { type Commands, createCommands } from '../../../src/pipeline/commands.ts'
import { createPipeline } from '../../../src/pipeline/pipeline.ts'
import type { Ports } from '../../../src/pipeline/ports.ts'
import { createRecall } from '../../../src/pipeline/recall.ts'
import type { RemediationKind } from '../../../src/remediations/remediation.ts'
import { rollingRestart } from '../../../src/remediations/rolling-restart.ts'
import type { Store } from '../../../src/store/store.ts'
import { aPlan, aRunbook, aService } from '../../builders.ts'
import { PROBLEM } from '../../fakes/world.ts'
import { type Turnstile, turnstile } from './turnstile.ts'
import type { ModelWorkload } from './workload.ts'

/** Two of these need each other: a restart that two must approve is in the mix. */
export const APPROVERS = ['U0ANA', 'U0GIL'] as const

/** One life of a bot: everything it does outside of itself waits at its turnstile. */
export interface Life {
  readonly gate: Turnstile
  readonly commands: Commands
  /** Wakes everything that the store has due, and what alarms are for by now. */
  sweep(now: number, due: readonly string[]): void
  /** Lives on in nobody's memory. */
  end(halfDone: number): Promise<void>
}

export interface Surroundings {
  readonly store: Store
  readonly workload: ModelWorkload
  readonly now: () => number
  readonly newId: () => string
  readonly errors: unknown[]
  /** Ids of what was begun to be carried out, in order: none may stand here twice. */
  readonly begun: string[]
}

const WORKLOAD = { cluster: 'prod', namespace: 'ml', kind: 'Deployment', name: 'web' } as const

export function beBorn(owner: string, { store, workload, now, newId, errors, begun }: Surroundings): Life {
  const gate = turnstile()
  const jobs = simpleJobs(now, (error) => errors.push(error))
  const writer = gate.guard('cluster', workload.writer)
  const service = aService({
    workloads: [WORKLOAD],
    approvers: { users: [...APPROVERS], groups: [] },
    // From the second on, two must agree.
    restartBudget: { restarts: 1, withinMs: 86_400_000 },
  })
  const check: Check = {
    name: 'memory-trend',
    title: 'Memory trend',
    parameters: z.strictObject({}),
    signals: {},
    facts: [],
    run: async () => PROBLEM,
  }
  // The one effect, and what it is compared with, are the real ones; planning and watching are short.
  const restart: RemediationKind = {
    ...rollingRestart,
    plan: async () => {
      const { uid, generation } = await writer.target(WORKLOAD, new AbortController().signal)
      return [aPlan({ target: { service: service.name, workload: WORKLOAD, uid, generation } })]
    },
    execute: (context, plan, order) => {
      begun.push(order.id)
      return rollingRestart.execute(context, plan, order)
    },
    follow: async () => {
      await writer.target(WORKLOAD, new AbortController().signal)
      return { result: 'succeeded', text: '3 of 3 pods are new and ready.' }
    },
    halt: async (_context, _plan, _effect, reason) => {
      await writer.target(WORKLOAD, new AbortController().signal)
      return { outcome: { result: 'halted', text: reason }, offers: [] }
    },
  }
  const nothing = (): never => {
    throw new Error('There is nothing else here.')
  }
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const ports: Ports = {
    now,
    newId,
    log,
    meter: { event() {}, lag() {}, check() {}, remediation() {} },
    store: gate.guard('store', store),
    jobs,
    owner,
    catalogue: () => ({ services: [service], byName: () => service, byPagerDutyId: () => service }),
    runbooks: () => [aRunbook()],
    checks: new Map([[check.name, check]]),
    remediations: new Map([[restart.kind, restart]]),
    sources: () => ({ metrics: nothing, cluster: nothing, json: nothing, deploys: nothing }),
    writer: () => writer,
    observer: nothing,
    freezesChanged() {},
    directory: gate.guard('directory', {
      groupsOf: async () => [],
      factsOf: async ({ user }: { readonly user: string }): Promise<PersonFacts> => ({
        email: `${user}@example.com`,
        bot: false,
        guest: false,
        deactivated: false,
      }),
      onCall: async () => [],
      alertLabels: async () => 'unknown' as const,
    }),
    projections: [],
    fallbackChannel: undefined,
    switchedOff: async () => undefined,
  }
  const pipeline = createPipeline(ports)
  jobs.start(pipeline.handlers)
  return {
    gate,
    commands: createCommands(ports, pipeline, createRecall(ports)),
    sweep(_now, due) {
      jobs.ring()
      for (const key of due) jobs.wake(key)
    },
    end: (halfDone) => gate.collapse(halfDone),
  }
}

/** Wake-ups without a clock of their own. A handler that failed is run again by the next sweep. */
function simpleJobs(now: () => number, onError: (error: unknown) => void): Jobs & { ring(): void } {
  const running = new Set<string>()
  const again = new Set<string>()
  const alarms = new Map<string, number>()
  let handlers: Parameters<Jobs['start']>[0] = {}

  function wake(key: string): void {
    if (running.has(key)) {
      again.add(key)
      return
    }
    running.add(key)
    Promise.resolve(handlers[key.slice(0, key.indexOf(':'))]?.(key))
      .catch(onError)
      .finally(() => {
        running.delete(key)
        if (again.delete(key)) wake(key)
      })
  }

  return {
    wake,
    wakeAt(key, at) {
      if (at <= now()) wake(key)
      else alarms.set(key, Math.min(at, alarms.get(key) ?? at))
    },
    ring() {
      for (const [key, at] of alarms) {
        if (at > now()) continue
        alarms.delete(key)
        wake(key)
      }
    },
    start(all) {
      handlers = all
    },
    stop: async () => undefined,
    depth: async () => running.size,
  }
}
