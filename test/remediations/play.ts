import { jest } from '@jest/globals'
import type { Freeze } from '../../src/domain/freeze.ts'
import type { Outcome, Plan, Progress } from '../../src/domain/remediation.ts'
import type { RecordedEffect, RemediationContext, RemediationKind } from '../../src/remediations/remediation.ts'
import { RemediationError } from '../../src/remediations/remediation.ts'
import { aService, NOW } from '../builders.ts'
import type { ACluster } from './a-cluster/index.ts'

const SECOND_MS = 1_000
/** Nothing here takes longer, so that what hangs is a failure and not a wait. */
const LONGEST_S = 3 * 3_600

export const order = { id: 'r-1', by: 'U0ANA', approvedAt: NOW, reason: 'Memory Usage > 95%' }

/** A context over one cluster, in which nothing else is known. */
export function aContext(cluster: ACluster, change: Partial<RemediationContext> = {}): RemediationContext {
  return {
    service: aService({ workloads: [cluster.workload] }),
    incidentId: 'pd-Q1',
    now: () => Date.now(),
    writer: () => cluster.writer,
    observer: () => cluster.observer,
    freezes: { addFreeze: async (freeze) => freeze, activeFreezes: async () => [] },
    measure: async () => {
      throw new RemediationError('none', 'inference has no `metrics`.')
    },
    history: async () => [],
    switchedOff: async () => undefined,
    signal: new AbortController().signal,
    ...change,
  }
}

/** Answers a query with these values, one after the other, and with the last one from then on. */
export function aMeter(
  values: readonly number[],
): Pick<RemediationContext, 'measure'> & { readonly asked: readonly string[] } {
  const asked: string[] = []
  return {
    asked,
    async measure(query) {
      asked.push(query)
      return values[Math.min(asked.length, values.length) - 1]
    },
  }
}

export function aFreeze(change: Partial<Freeze> = {}): Freeze {
  return {
    id: 'f-1',
    service: 'inference',
    scope: 'workload',
    incidentId: 'pd-Q0',
    by: 'ben',
    reason: 'Release week',
    since: NOW,
    until: NOW + 2 * 3_600_000,
    ...change,
  }
}

/** The one plan of a kind. */
export async function planOf(
  kind: RemediationKind,
  context: RemediationContext,
  parameters: object = {},
): Promise<Plan> {
  const [plan, ...others] = await kind.plan(context, kind.parameters.parse(parameters))
  if (plan === undefined || others.length > 0) throw new Error(`There are ${others.length} more plans than one.`)
  return plan
}

/** What was looked at under this name, or undefined. */
export function looked(plan: Plan, what: string): NonNullable<Plan['preflight']>[number] | undefined {
  return plan.preflight?.find((one) => one.what === what)
}

/** What the execution left, or a failure where it did not take place. */
export async function executed(
  kind: RemediationKind,
  context: RemediationContext,
  plan: Plan,
): Promise<RecordedEffect> {
  const result = await kind.execute(context, plan, order)
  if ('void' in result) throw new Error(`Void: ${result.void}`)
  return result.effect
}

export interface Followed {
  readonly end: Outcome | { readonly halt: string }
  readonly seen: readonly Progress[]
  readonly tookMs: number
}

/** Follows to the end while time passes; each second something may happen in the cluster. Needs jest's own clock. */
export async function follow(
  kind: RemediationKind,
  context: RemediationContext,
  plan: Plan,
  effect: RecordedEffect,
  eachSecond: (second: number) => void,
): Promise<Followed> {
  const seen: Progress[] = []
  const began = Date.now()
  const following = kind.follow(context, plan, effect, (progress) => seen.push(progress))
  let settled = false
  const end = following.finally(() => {
    settled = true
  })
  end.catch(() => undefined)
  for (let second = 0; !settled; second += 1) {
    if (second > LONGEST_S) throw new Error('It is followed without end.')
    eachSecond(second)
    await jest.advanceTimersByTimeAsync(SECOND_MS)
  }
  return { end: await end, seen, tookMs: Date.now() - began }
}

/** Plans, carries out and follows, as one approval would. */
export async function play(
  kind: RemediationKind,
  cluster: ACluster,
  {
    parameters = {},
    eachSecond = () => cluster.tick(),
    context = aContext(cluster),
  }: {
    readonly parameters?: object
    readonly eachSecond?: (second: number) => void
    readonly context?: RemediationContext
  } = {},
): Promise<Followed & { readonly plan: Plan; readonly effect: RecordedEffect }> {
  const plan = await planOf(kind, context, parameters)
  const effect = await executed(kind, context, plan)
  return { plan, effect, ...(await follow(kind, context, plan, effect, eachSecond)) }
}
