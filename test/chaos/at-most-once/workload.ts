import type { ClusterWriter } from '../../../src/remediations/cluster.ts'
import { RemediationError } from '../../../src/remediations/remediation.ts'

/** What goes wrong with the next change: somebody else wrote first, the request never arrived, or its answer was lost. */
export type Fault = 'conflict' | 'never-arrived' | 'answer-lost' | 'refused'

/** One workload at an API server, as far as restarts go, and everything that was ever done to it. */
export interface ModelWorkload {
  readonly uid: string
  generation: number
  resourceVersion: number
  stamp: string | undefined
  nextFault: Fault | undefined
  /** Marks of the restarts that really changed it, in order. */
  readonly restarts: string[]
  /** Somebody deploys. */
  change(): void
  /** The status was written, which changes the resourceVersion and nothing else. */
  touch(): void
  readonly writer: ClusterWriter
}

export function modelWorkload(): ModelWorkload {
  const never = (): never => {
    throw new Error('Nothing but a restart is modelled.')
  }
  const workload: ModelWorkload = {
    uid: 'uid-1',
    generation: 1,
    resourceVersion: 1,
    stamp: undefined,
    nextFault: undefined,
    restarts: [],
    change() {
      workload.generation += 1
      workload.touch()
    },
    touch() {
      workload.resourceVersion += 1
    },
    writer: {
      target: async () => ({
        uid: workload.uid,
        generation: workload.generation,
        resourceVersion: String(workload.resourceVersion),
        replicas: 3,
        paused: false,
        strategy: 'one at a time',
        maxSurge: 0,
        maxUnavailable: 1,
        heldBack: undefined,
        restartStamp: workload.stamp,
        rolling: false,
        earlierRevisions: [],
      }),
      async restart(_workload, stamp, resourceVersion) {
        const fault = workload.nextFault
        workload.nextFault = undefined
        if (fault === 'never-arrived') throw new RemediationError('none', 'connection refused')
        if (fault === 'refused') throw new RemediationError('none', '403 forbidden')
        if (fault === 'conflict') workload.touch()
        if (resourceVersion !== String(workload.resourceVersion)) return { result: 'conflict' }
        // The real one takes the same mark twice for one change; here it shows.
        workload.stamp = stamp
        workload.restarts.push(stamp)
        workload.change()
        if (fault === 'answer-lost') throw new RemediationError('unknown', 'no answer in time')
        return { result: 'applied', generation: workload.generation }
      },
      missingPermissions: never,
      tryRestart: never,
      rollout: never,
      pause: never,
      rollBack: never,
      scale: never,
      tryScale: never,
      setMinimum: never,
      tryMinimum: never,
      evict: never,
    },
  }
  return workload
}
