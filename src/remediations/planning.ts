import type { Plan } from '../domain/remediation.ts'
import type { Workload } from '../domain/service.ts'
import { answered } from './answered.ts'
import type { ClusterObserver, ClusterWriter, ObservedPod, Room, WorkloadState } from './cluster.ts'
import type { RemediationContext } from './remediation.ts'
import { RemediationError } from './remediation.ts'
import { whichWorkloads } from './which-workloads.ts'

/** Whoever plans has five seconds; what was not answered a while before that is unknown, and the rest is still worth showing. */
const ANSWER_MS = 4_000

/** What planning for one workload knows and whom it may ask. Only reads. */
export interface Planning {
  readonly context: RemediationContext
  readonly workload: Workload
  readonly state: WorkloadState
  readonly writer: ClusterWriter
  /** Throws `RemediationError` where the cluster is not known. */
  readonly observer: () => ClusterObserver
  /** The pods, asked for once however many want to know. */
  readonly pods: () => Promise<readonly ObservedPod[]>
  /** Whether so many more would fit, asked for once. */
  readonly room: (pods: number) => Promise<Room>
  /** Ends every question. */
  readonly signal: AbortSignal
}

/** One plan for each workload that is meant, side by side. Throws `RemediationError` where one cannot be read at all. */
export async function planEach(
  context: RemediationContext,
  which: string | undefined,
  plan: (planning: Planning) => Promise<Plan>,
): Promise<readonly Plan[]> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(ANSWER_MS)])
  return Promise.all(
    whichWorkloads(context.service, which).map(async (workload) => plan(await begin(context, workload, signal))),
  )
}

async function begin(context: RemediationContext, workload: Workload, signal: AbortSignal): Promise<Planning> {
  const writer = context.writer(workload.cluster)
  const observer = (): ClusterObserver => context.observer(workload.cluster)
  const state = await answered(signal, (ending) => writer.target(workload, ending)).catch((error: unknown) => {
    if (error instanceof RemediationError || !signal.aborted) throw error
    throw new RemediationError('none', `Cluster ${workload.cluster} did not answer in time.`, error)
  })
  let pods: Promise<readonly ObservedPod[]> | undefined
  const rooms = new Map<number, Promise<Room>>()
  return {
    context,
    workload,
    state,
    writer,
    observer,
    signal,
    pods: () => {
      pods ??= answered(signal, (ending) => observer().pods(workload, ending))
      return pods
    },
    room: (wanted) => {
      const room = rooms.get(wanted) ?? answered(signal, (ending) => observer().room(workload, wanted, ending))
      rooms.set(wanted, room)
      return room
    },
  }
}
