import type { Workload } from '../domain/service.ts'

/** A change that the API server refused because somebody wrote first is a definite no-effect: `conflict`. */
export type Applied = { readonly result: 'applied'; readonly generation: number } | { readonly result: 'conflict' }

export type DryRun =
  | { readonly ok: true; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly text: string }

/** A request in RBAC's terms, without its namespace. */
export interface Permission {
  readonly verb: string
  readonly group: string
  /** Plural; `pods/eviction` for a subresource. */
  readonly resource: string
  readonly name?: string
}

/** A pod by the identity that makes an eviction happen once. */
export interface PodIdentity {
  readonly name: string
  readonly uid: string
}

/**
 * Changes a cluster, with credentials of its own. Every method throws `RemediationError`, with effect `unknown` only where the change may have
 * happened. Changes of a workload are fenced by the `resourceVersion` that was read before.
 */
export interface ClusterWriter {
  /** What an approval is bound to. */
  target(workload: Workload, signal: AbortSignal): Promise<WorkloadState>
  /** Of these, the permissions that the writing account does not have in the namespace (SelfSubjectAccessReview). */
  missingPermissions(
    namespace: string,
    needed: readonly Permission[],
    signal: AbortSignal,
  ): Promise<readonly Permission[]>
  /** May be repeated: the same `stamp` changes nothing the second time. */
  restart(workload: Workload, stamp: string, resourceVersion: string, signal: AbortSignal): Promise<Applied>
  /** The same request with `dryRun=All`: admission and validation run, nothing is kept. */
  tryRestart(workload: Workload, stamp: string, signal: AbortSignal): Promise<DryRun>
  /** Where the rollout stands; only reads. */
  rollout(workload: Workload, signal: AbortSignal): Promise<RolloutState>
  /** Deployments only. May be repeated. */
  pause(workload: Workload, signal: AbortSignal): Promise<void>
  /** Deployments only: the template of an earlier revision, as `kubectl rollout undo` takes it, and no longer paused, in one write. */
  rollBack(workload: Workload, toRevision: number, resourceVersion: string, signal: AbortSignal): Promise<Applied>
  /** May be repeated: sets `spec.replicas` through the scale subresource. */
  scale(workload: Workload, replicas: number, resourceVersion: string, signal: AbortSignal): Promise<Applied>
  tryScale(workload: Workload, replicas: number, signal: AbortSignal): Promise<DryRun>
  /** May be repeated: sets `spec.minReplicas` of an autoscaler. */
  setMinimum(
    autoscaler: { readonly namespace: string; readonly name: string },
    replicas: number,
    resourceVersion: string,
    signal: AbortSignal,
  ): Promise<Applied>
  tryMinimum(
    autoscaler: { readonly namespace: string; readonly name: string },
    replicas: number,
    signal: AbortSignal,
  ): Promise<DryRun>
  /** By the Eviction API with a precondition on the uid, so that one pod goes once however often it is asked for. `refused`: a disruption budget says not now. */
  evict(
    namespace: string,
    pod: PodIdentity,
    signal: AbortSignal,
  ): Promise<{ readonly result: 'evicted' | 'gone' } | { readonly result: 'refused'; readonly text: string }>
}

export interface WorkloadState {
  readonly uid: string
  readonly generation: number
  readonly resourceVersion: string
  readonly replicas: number
  readonly paused: boolean
  /** "surge 25%, unavailable 25%", "one at a time, highest ordinal first". */
  readonly strategy: string
  /** How many pods more, and fewer, than `replicas` there may be while it rolls. */
  readonly maxSurge: number
  readonly maxUnavailable: number
  /** Why a changed template would not reach all pods: they wait to be deleted by hand, or a partition keeps some back. */
  readonly heldBack: 'on-delete' | 'partition' | undefined
  /** Value of the restart annotation, to see after a crash whether our restart arrived. */
  readonly restartStamp: string | undefined
  /** Whether a rollout is under way now: older pods remain, or the newest template has not once been fully available. Pods that crashed later do not count. */
  readonly rolling: boolean
  /** Revisions that can be gone back to, the newest first, without the one that is current. Empty for other kinds than Deployments. */
  readonly earlierRevisions: readonly number[]
}

export interface RolloutState {
  readonly generation: number
  readonly observedGeneration: number
  readonly desired: number
  readonly updated: number
  readonly available: number
  readonly done: boolean
  readonly pods: readonly RolloutPod[]
}

export interface RolloutPod extends PodIdentity {
  /** `failing`: of the new template, and restarting again and again, or not able to start. */
  readonly state: 'old' | 'stopping' | 'starting' | 'ready' | 'failing'
  readonly restarts: number
  /** What is wrong with it, in Kubernetes' word: "CrashLoopBackOff", "OOMKilled", "ImagePullBackOff"; "Unschedulable" while no node takes it. */
  readonly trouble: string | undefined
}

/** What only looks, with the credentials for reading. Every method throws `RemediationError` with effect `none`; a missing permission is named in it. */
export interface ClusterObserver {
  /** Pods of the workload that have not ended (phase Succeeded or Failed), in the order of their names. */
  pods(workload: Workload, signal: AbortSignal): Promise<readonly ObservedPod[]>
  /** Disruption budgets that select its pods. */
  budgets(workload: Workload, signal: AbortSignal): Promise<readonly Budget[]>
  /** Whether `count` more pods like the workload's fit onto the cluster's nodes now, each whole on one node. */
  room(workload: Workload, count: number, signal: AbortSignal): Promise<Room>
  /** The autoscaler that sets this workload's size; undefined where none does. */
  autoscaler(workload: Workload, signal: AbortSignal): Promise<Autoscaler | undefined>
}

export interface ObservedPod extends PodIdentity {
  readonly node: string | undefined
  readonly ready: boolean
  readonly restarts: number
  /** From its creation to its last becoming ready; undefined while it is not. */
  readonly startMs: number | undefined
  /** Its grace period. */
  readonly stopMs: number
  readonly terminating: boolean
}

export interface Budget {
  readonly name: string
  readonly disruptionsAllowed: number
  readonly currentHealthy: number
  readonly desiredHealthy: number
}

export interface Room {
  /** How many of them fit. */
  readonly fits: number
  /** What one pod asks for. */
  readonly requestBytes: number
  readonly requestCpu: number
  /** The node that comes closest, and what it has left; among those that are not `crowded`. */
  readonly roomiest: { readonly node: string; readonly freeBytes: number; readonly freeCpu: number } | undefined
  /** Nodes that may take such pods at all (selector, taints, not cordoned). */
  readonly candidates: number
  /** Candidates that a pod is near already from which such pods must keep away (required anti-affinity), so that they take none beside it. */
  readonly crowded: number
}

export interface Autoscaler {
  readonly namespace: string
  readonly name: string
  readonly resourceVersion: string
  readonly uid: string
  readonly minReplicas: number
  readonly maxReplicas: number
  readonly currentReplicas: number
}
