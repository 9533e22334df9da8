import type { EnforcementPoint, Freeze } from '../domain/freeze.ts'
import { coversWorkloads } from '../domain/freeze.ts'
import type { Service, Workload } from '../domain/service.ts'
import type { FreezeGuard, GuardedFreeze } from './guard.ts'
import type { Proof } from './tend-guard.ts'

/** How much newer a moment must be than the one that was told, to be told by itself. */
const NEWER_BY_MS = 5 * 60_000

/** What a guard enforces of these freezes: those of workloads that it guards. */
export function guardedBy(
  guard: FreezeGuard,
  freezes: readonly Freeze[],
  serviceOf: (name: string) => Service | undefined,
): readonly GuardedFreeze[] {
  return freezes.filter(coversWorkloads).flatMap((freeze) => {
    const service = serviceOf(freeze.service)
    const workloads = service?.workloads.filter((workload) => guard.guards(workload)) ?? []
    return service === undefined || workloads.length === 0 ? [] : [{ freeze, service, workloads }]
  })
}

export interface Surveyed {
  readonly freeze: Freeze
  readonly service: Service | undefined
  /** By guard, for those that guard workloads of the freeze. */
  readonly proofs: readonly { readonly guard: FreezeGuard; readonly proof: Proof }[]
  /** Names of the tokens of pipelines. */
  readonly gateTokens: readonly string[]
  /** When the pipeline asked last about the service. */
  readonly askedAt: (token: string) => number | undefined
}

/** Everywhere a freeze is or should be enforced, and what is known of it. */
export function pointsOf({ freeze, service, proofs, gateTokens, askedAt }: Surveyed): readonly EnforcementPoint[] {
  const guards = proofs.map(({ guard, proof }): EnforcementPoint => ({ name: guard.name, ...proof }))
  const gates = gateTokens.map((token): EnforcementPoint => {
    const at = askedAt(token)
    const name = `gate: ${token}`
    return at === undefined ? { name, state: 'never-asked' } : { name, state: 'asked', at }
  })
  const unguarded = coversWorkloads(freeze)
    ? (service?.workloads ?? []).filter((workload) => !proofs.some(({ guard }) => guard.guards(workload)))
    : []
  return [...guards, ...byCluster(unguarded), ...gates]
}

/** One point for each cluster in which nothing refuses changes. */
function byCluster(workloads: readonly Workload[]): readonly EnforcementPoint[] {
  const clusters = [...new Set(workloads.map(({ cluster }) => cluster))]
  return clusters.map((cluster) => {
    const names = workloads.filter((one) => one.cluster === cluster).map(({ kind, name }) => `${kind} ${name}`)
    const text = `nothing in the cluster refuses changes of ${names.join(', ')}; see clusters.${cluster}.admission`
    return { name: `cluster ${cluster}`, state: 'unguarded', text }
  })
}

/** Whether people should be told again: something is in another state, or the newest moment that they know is old. */
export function isNews(told: readonly EnforcementPoint[] | undefined, points: readonly EnforcementPoint[]): boolean {
  if (told === undefined) return true
  return states(told) !== states(points) || newest(points) - newest(told) > NEWER_BY_MS
}

function states(points: readonly EnforcementPoint[]): string {
  return JSON.stringify(points.map(({ name, state }) => [name, state]))
}

function newest(points: readonly EnforcementPoint[]): number {
  return Math.max(0, ...points.map(({ at = 0 }) => at))
}
