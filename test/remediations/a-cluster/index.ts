import type { Workload } from '../../../src/domain/service.ts'
import type { Autoscaler, ClusterObserver, ClusterWriter, Permission, Room } from '../../../src/remediations/cluster.ts'
import { tick } from './controllers.ts'
import { anObserver } from './observer.ts'
import type { AClusterOptions, APod, Fault } from './state.ts'
import { changeSpec, initialState, newTemplate, rememberReady, setAutoscaler } from './state.ts'
import { aWriter } from './writer.ts'

/** One workload in one cluster, which remembers everything that was ever done to it. Controllers act only in `tick`. */
export interface ACluster {
  readonly workload: Workload
  readonly writer: ClusterWriter
  readonly observer: ClusterObserver
  readonly pods: readonly APod[]
  /** Changes of specifications that had an effect, in order: "restart 2026-…", "pause", "scale 5". */
  readonly changes: readonly string[]
  /** Uids of the pods that an eviction made stop, in order: none may stand here twice. */
  readonly evicted: readonly string[]
  /** The fewest pods that were ready at any moment. */
  readonly fewestReady: number
  tick(): void
  /** From now on no new pod becomes ready until it is told to. */
  holdPods(): void
  becomeReady(name: string): void
  /** From now on every new pod has this trouble; undefined: all is well again. */
  trouble(reason: string | undefined): void
  /** A pod that ran is not ready any more, for a reason where one is given. */
  breakPod(name: string, reason?: string): void
  /** Somebody else evicts a pod. */
  evict(name: string): void
  /** Somebody else deploys, resizes, pauses, or deletes it and makes it anew. */
  deploy(): void
  resize(replicas: number): void
  pauseByHand(): void
  remake(): void
  setBudget(minAvailable: number | undefined): void
  setAutoscaler(change: Partial<Autoscaler> | undefined): void
  setRoom(change: Partial<Room>): void
  deny(verb: Permission['verb'], resource: Permission['resource']): void
  refuseDryRuns(text: string): void
  warn(text: string): void
  failNext(method: keyof ClusterWriter, fault: Fault, times?: number): void
  /** Nothing answers any more, until it does again. */
  away(isAway: boolean): void
}

export function aCluster(options: AClusterOptions = {}): ACluster {
  const state = initialState(options)
  const named = (name: string): APod => {
    const pod = state.pods.find((one) => one.name === name)
    if (pod === undefined)
      throw new Error(`There is no pod ${name}, but ${state.pods.map((one) => one.name).join(', ')}.`)
    return pod
  }
  return {
    workload: state.workload,
    writer: aWriter(state),
    observer: anObserver(state),
    get pods() {
      return state.pods
    },
    changes: state.changes,
    evicted: state.evicted,
    get fewestReady() {
      return state.fewestReady
    },
    tick: () => tick(state),
    holdPods() {
      state.held = true
    },
    becomeReady(name) {
      named(name).phase = 'ready'
    },
    trouble(reason) {
      state.trouble = reason
      if (reason === undefined) for (const pod of state.pods) pod.trouble = undefined
    },
    breakPod(name, reason) {
      Object.assign(named(name), { phase: 'starting', trouble: reason, restarts: reason === undefined ? 0 : 1 })
      rememberReady(state)
    },
    evict(name) {
      named(name).phase = 'stopping'
      rememberReady(state)
    },
    deploy() {
      newTemplate(state, state.stamp)
      changeSpec(state, 'deploy')
    },
    resize(replicas) {
      state.replicas = replicas
      changeSpec(state, `resize ${replicas}`)
    },
    pauseByHand() {
      state.paused = true
      changeSpec(state, 'pause by hand')
    },
    remake() {
      Object.assign(state, { uid: 'workload-2', generation: 1, version: state.version + 1 })
    },
    setBudget(minAvailable) {
      state.minAvailable = minAvailable
    },
    setAutoscaler: (change) => setAutoscaler(state, change),
    setRoom(change) {
      state.room = change
    },
    deny(verb, resource) {
      state.denied.push({ verb, resource })
    },
    refuseDryRuns(text) {
      state.dryRunRefusal = text
    },
    warn(text) {
      state.warnings.push(text)
    },
    failNext(method, fault, times = 1) {
      state.faults.set(method, [...(state.faults.get(method) ?? []), ...Array.from({ length: times }, () => fault)])
    },
    away(isAway) {
      state.away = isAway
    },
  }
}
