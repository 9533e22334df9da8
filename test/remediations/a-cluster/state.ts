import type { Workload, WorkloadKind } from '../../../src/domain/service.ts'
import type { Autoscaler, ClusterWriter, Permission, Room, WorkloadState } from '../../../src/remediations/cluster.ts'
import { RemediationError } from '../../../src/remediations/remediation.ts'

/** What goes wrong with the next change: somebody else wrote first, the request never arrived, or it was done and its answer was lost. */
export type Fault = 'conflict' | 'never-arrived' | 'answer-lost'

export interface APod {
  readonly name: string
  readonly uid: string
  readonly template: number
  phase: 'starting' | 'ready' | 'stopping'
  restarts: number
  trouble: string | undefined
}

export interface AClusterOptions {
  readonly kind?: WorkloadKind
  readonly replicas?: number
  readonly maxSurge?: number
  readonly maxUnavailable?: number
  readonly heldBack?: WorkloadState['heldBack']
  /** Pods that a budget wants healthy; no budget where absent. */
  readonly minAvailable?: number
  /** How many pods fit on all nodes together; without end where absent. */
  readonly slots?: number
  readonly startMs?: number
  readonly autoscaler?: Partial<Autoscaler>
}

interface Template {
  readonly template: number
  readonly stamp: string | undefined
}

/** Everything that is so in the cluster, and everything that was ever done to it. */
export interface ClusterState {
  readonly workload: Workload
  readonly slots: number
  readonly startMs: number
  uid: string
  generation: number
  observedGeneration: number
  version: number
  replicas: number
  template: number
  stamp: string | undefined
  paused: boolean
  readonly maxSurge: number
  readonly maxUnavailable: number
  readonly heldBack: WorkloadState['heldBack']
  readonly revisions: Map<number, Template>
  pods: APod[]
  made: number
  minAvailable: number | undefined
  autoscaler: Autoscaler | undefined
  room: Partial<Room>
  dryRunRefusal: string | undefined
  readonly warnings: string[]
  readonly denied: Pick<Permission, 'verb' | 'resource'>[]
  readonly faults: Map<keyof ClusterWriter, Fault[]>
  /** No new pod becomes ready until it is told to. */
  held: boolean
  /** What every new pod suffers from. */
  trouble: string | undefined
  away: boolean
  readonly changes: string[]
  readonly evicted: string[]
  fewestReady: number
}

export function initialState(options: AClusterOptions): ClusterState {
  const { kind = 'Deployment', replicas = 3 } = options
  const isDeployment = kind === 'Deployment'
  const state: ClusterState = {
    workload: { cluster: 'prod', namespace: 'ml', kind, name: 'web' },
    slots: options.slots ?? Number.POSITIVE_INFINITY,
    startMs: options.startMs ?? 20_000,
    uid: 'workload-1',
    generation: 1,
    observedGeneration: 1,
    version: 1,
    replicas,
    template: 1,
    stamp: undefined,
    paused: false,
    maxSurge: isDeployment ? (options.maxSurge ?? 1) : 0,
    maxUnavailable: options.maxUnavailable ?? (isDeployment ? 0 : 1),
    heldBack: options.heldBack,
    revisions: new Map([[1, { template: 1, stamp: undefined }]]),
    pods: [],
    made: 0,
    minAvailable: options.minAvailable,
    autoscaler: undefined,
    room: {},
    dryRunRefusal: undefined,
    warnings: [],
    denied: [],
    faults: new Map(),
    held: false,
    trouble: undefined,
    away: false,
    changes: [],
    evicted: [],
    fewestReady: replicas,
  }
  for (let index = 0; index < replicas; index += 1) addPod(state, `web-${index}`, 'ready')
  if (options.autoscaler !== undefined) setAutoscaler(state, options.autoscaler)
  return state
}

export function addPod(state: ClusterState, name: string, phase: APod['phase'] = 'starting'): void {
  state.made += 1
  const { template, made } = state
  state.pods.push({ name, uid: `pod-${made}`, template, phase, restarts: 0, trouble: undefined })
}

export const readyPods = ({ pods }: ClusterState): APod[] => pods.filter(({ phase }) => phase === 'ready')
export const running = ({ pods }: ClusterState): APod[] => pods.filter(({ phase }) => phase !== 'stopping')
export const isCurrent = ({ template }: ClusterState, pod: APod): boolean => pod.template === template

/** A change of the specification, which counts its generation up. */
export function changeSpec(state: ClusterState, what: string): void {
  state.generation += 1
  state.version += 1
  state.changes.push(what)
}

export function newTemplate(state: ClusterState, stamp: string | undefined): void {
  state.template = Math.max(...[...state.revisions.values()].map(({ template }) => template)) + 1
  state.stamp = stamp
  state.revisions.set(Math.max(...state.revisions.keys()) + 1, { template: state.template, stamp })
}

export function setAutoscaler(state: ClusterState, change: Partial<Autoscaler> | undefined): void {
  state.version += 1
  state.autoscaler = change && {
    namespace: 'ml',
    name: 'web-scaler',
    uid: 'autoscaler-1',
    minReplicas: 1,
    maxReplicas: 100,
    ...state.autoscaler,
    ...change,
    resourceVersion: String(state.version),
    currentReplicas: state.replicas,
  }
}

export function rememberReady(state: ClusterState): void {
  state.fewestReady = Math.min(state.fewestReady, readyPods(state).length)
}

/** Throws while nothing answers. */
export function answering({ away }: ClusterState): void {
  if (away) throw new RemediationError('none', 'Cluster prod: no answer in time.')
}
