import type { ClusterObserver, ObservedPod } from '../../../src/remediations/cluster.ts'
import type { ClusterState } from './state.ts'
import { answering } from './state.ts'
import { budgets } from './writer.ts'

const STOP_MS = 30_000
const FREE = { node: 'node-a', freeBytes: 64e9, freeCpu: 16 }
const FULL = { node: 'node-a', freeBytes: 12e9, freeCpu: 1.5 }

export function anObserver(state: ClusterState): ClusterObserver {
  return {
    async pods() {
      answering(state)
      return state.pods
        .map(
          ({ name, uid, phase, restarts }): ObservedPod => ({
            name,
            uid,
            node: 'node-a',
            // What stops may say that it is ready until its last moment.
            ready: phase !== 'starting',
            restarts,
            startMs: phase === 'starting' ? undefined : state.startMs,
            stopMs: STOP_MS,
            terminating: phase === 'stopping',
          }),
        )
        .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
    },
    async budgets() {
      answering(state)
      return budgets(state)
    },
    async room(_workload, count) {
      answering(state)
      const fits = Math.max(0, Math.min(count, state.slots - state.pods.length))
      const roomiest = fits < count ? FULL : FREE
      return { fits, requestBytes: 30e9, requestCpu: 4, roomiest, candidates: 2, crowded: 0, ...state.room }
    },
    async autoscaler() {
      answering(state)
      return state.autoscaler
    },
  }
}
