import { z } from 'zod'
import { openSchedules } from '../../src/app/schedules.ts'
import type { Check, CheckSources } from '../../src/checks/check.ts'
import { SourceError } from '../../src/datasources/datasource.ts'
import type { FindingBody } from '../../src/domain/finding.ts'
import { TIME_TO_LIMIT } from '../../src/domain/pre-alert.ts'
import type { Runbook } from '../../src/domain/runbook.ts'
import type { DigestPlan, ScheduledCheck } from '../../src/domain/schedule/schedule.ts'
import type { Service } from '../../src/domain/service.ts'
import { inProcessJobs } from '../../src/jobs/in-process/in-process-jobs.ts'
import type { Commands } from '../../src/pipeline/commands.ts'
import { createCommands } from '../../src/pipeline/commands.ts'
import type { Pipeline } from '../../src/pipeline/pipeline.ts'
import { createPipeline } from '../../src/pipeline/pipeline.ts'
import type { DigestPost, Ports, View } from '../../src/pipeline/ports.ts'
import { createRecall, type Recall } from '../../src/pipeline/recall.ts'
import type { RemediationKind } from '../../src/remediations/remediation.ts'
import type { Store } from '../../src/store/store.ts'
import { aPlan, aRunbook, aService } from '../builders.ts'
import { memoryStore } from './memory-store.ts'

/** A pipeline over fakes: everything but the pipeline itself is made up here, and what it does can be looked at. */
export interface World {
  readonly ports: Ports
  readonly pipeline: Pipeline
  readonly recall: Recall
  readonly commands: Commands
  readonly store: Store
  /** Every view that was projected, oldest first. */
  readonly views: View[]
  /** Ids of remediations that had their effect. */
  readonly effects: string[]
  readonly errors: unknown[]
  /** The ids of digests that were posted, one for each call. */
  readonly digests: string[]
  /** What cron does once a minute. */
  tick(): Promise<void>
  /** Moves the clock on and wakes what is due by then. */
  pass(ms: number): Promise<void>
  stop(): Promise<void>
}

export interface WorldOptions {
  readonly store?: Store
  readonly service?: Partial<Service>
  readonly runbook?: Partial<Runbook>
  readonly check?: (signal: AbortSignal) => Promise<FindingBody>
  readonly execute?: RemediationKind['execute']
  readonly follow?: RemediationKind['follow']
  readonly changed?: RemediationKind['changed']
  readonly halt?: RemediationKind['halt']
  readonly owner?: string
  readonly now?: number
  readonly groupWithinMs?: number
  /** Names of more services like the one. */
  readonly services?: readonly string[]
  readonly schedule?: readonly ScheduledCheck[]
  readonly digest?: DigestPlan
  readonly postDigest?: DigestPost
}

export const PROBLEM: FindingBody = {
  verdict: 'problem',
  severity: 'high',
  headline: 'It grows',
  details: [],
  facts: [{ id: 'growth', label: 'Growth', value: 2e9, unit: 'bytesPerHour' }],
  signals: { growth: 'up' },
  charts: [],
}

export function world(options: WorldOptions = {}): World {
  const store = options.store ?? memoryStore()
  const views: View[] = []
  const services = new Map<string, Service>()
  const effects: string[] = []
  const errors: unknown[] = []
  const service = aService({ approvers: { users: ['U0ANA'], groups: [] }, ...options.service })
  for (const one of [
    service,
    ...(options.services ?? []).map((name) => ({ ...service, name, pagerdutyServiceIds: [] })),
  ])
    services.set(one.name, one)
  const started = Date.now()
  let skew = (options.now ?? started) - started
  let id = 0
  const now = () => Date.now() + skew
  const jobs = inProcessJobs({ concurrency: 8, now, onError: (_key, error) => errors.push(error) })
  const check: Check = {
    name: 'memory-trend',
    title: 'Memory trend',
    parameters: z.strictObject({}),
    signals: {},
    facts: [TIME_TO_LIMIT],
    run: ({ signal }) => options.check?.(signal) ?? Promise.resolve(PROBLEM),
  }
  const restart: RemediationKind = {
    kind: 'rolling-restart',
    title: 'Rolling restart',
    verify: true,
    restarts: true,
    parameters: z.strictObject({}),
    plan: async () => [aPlan()],
    changed: options.changed ?? (async () => undefined),
    halt:
      options.halt ??
      (async (_context, _plan, _effect, reason) => ({
        outcome: { result: 'halted', text: `Halted: ${reason}` },
        offers: [],
      })),
    execute:
      options.execute ??
      (async (_context, _plan, { id: remediation }) => {
        effects.push(remediation)
        return { effect: { generation: 2 } }
      }),
    follow: options.follow ?? (async () => ({ result: 'succeeded', text: '3 of 3 pods are new and ready.' })),
    inspect: async () => 'What can be seen: nothing.',
  }
  const quiet = { debug() {}, info() {}, warn() {}, error: (fields: object) => void errors.push(fields) }
  const ports: Ports = {
    now,
    newId: () => {
      id += 1
      return `id-${options.owner ?? 'a'}-${id}`
    },
    log: quiet,
    meter: { event() {}, lag() {}, check() {}, remediation() {} },
    store,
    jobs,
    owner: options.owner ?? 'a',
    catalogue: () => ({
      services: [...services.values()],
      byName: (name) => services.get(name),
      byPagerDutyId: (pagerDutyId) => (service.pagerdutyServiceIds.includes(pagerDutyId) ? service : undefined),
    }),
    runbooks: () => [aRunbook(options.runbook)],
    checks: new Map([[check.name, check]]),
    remediations: new Map([[restart.kind, restart]]),
    sources: () => noSources,
    writer: () => {
      throw new Error('no cluster here')
    },
    observer: () => {
      throw new Error('no cluster here')
    },
    freezesChanged() {},
    directory: {
      groupsOf: async () => [],
      factsOf: async () => 'unknown',
      onCall: async () => 'unknown',
      alertLabels: async () => 'unknown',
    },
    projections: [
      {
        name: 'fake',
        reconcile: async (view) => {
          views.push(view)
          return 'complete'
        },
      },
    ],
    fallbackChannel: 'C0FALL',
    groupWithinMs: options.groupWithinMs ?? 0,
    switchedOff: async () => undefined,
  }
  const pipeline = createPipeline(ports)
  const digests: string[] = []
  const { schedule = [], digest } = options
  const schedules = openSchedules(ports, {
    config: { schedule, ...(digest && { digest }) },
    pipeline,
    async post(id, ...rest) {
      digests.push(id)
      await options.postDigest?.(id, ...rest)
    },
  })
  jobs.start({ ...pipeline.handlers, ...schedules.handlers })
  const recall = createRecall(ports)
  return {
    ports,
    pipeline,
    recall,
    commands: createCommands(ports, pipeline, recall),
    store,
    views,
    effects,
    errors,
    digests,
    tick: schedules.look,
    async pass(ms) {
      skew += ms
      for (const item of await store.due(now(), 100)) jobs.wake(item.key)
    },
    async stop() {
      await pipeline.stop(50)
      await jobs.stop(50)
    },
  }
}

const missing = () => {
  throw new SourceError('not-configured', 'fake', 'There are no data sources here.')
}
const noSources: CheckSources = { metrics: missing, cluster: missing, json: missing, deploys: missing }

/** Waits until `true`, and says what was waited for when it does not come. */
export async function until(what: string, reached: () => boolean | Promise<boolean>, withinMs = 3_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await reached())) {
    if (Date.now() > end) throw new Error(`Not reached within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
