import type { Applied, Budget, ClusterWriter, DryRun, RolloutPod } from '../../../src/remediations/cluster.ts'
import { RemediationError } from '../../../src/remediations/remediation.ts'
import type { APod, ClusterState } from './state.ts'
import {
  answering,
  changeSpec,
  isCurrent,
  newTemplate,
  readyPods,
  rememberReady,
  running,
  setAutoscaler,
} from './state.ts'

/** As strict as the API server: versions fence, generations count changes of the specification, evictions ask the budget and the uid. */
export function aWriter(state: ClusterState): ClusterWriter {
  /** One change as the API server takes it: refused, lost on the way, done, or done with its answer lost. */
  async function changing(
    method: keyof ClusterWriter,
    fence: string | undefined,
    change: () => void,
  ): Promise<Applied> {
    answering(state)
    const fault = state.faults.get(method)?.shift()
    if (fault === 'never-arrived') throw new RemediationError('none', 'connection refused')
    if (fault === 'conflict') state.version += 1
    if (fence !== undefined && fence !== String(state.version)) return { result: 'conflict' }
    change()
    if (fault === 'answer-lost') throw new RemediationError('unknown', 'no answer in time')
    return { result: 'applied', generation: state.generation }
  }

  async function dryRun(): Promise<DryRun> {
    answering(state)
    const { dryRunRefusal: text, warnings } = state
    return text === undefined ? { ok: true, warnings } : { ok: false, text }
  }

  return {
    async target() {
      answering(state)
      const { uid, generation, version, replicas, paused, maxSurge, maxUnavailable, heldBack, stamp, pods } = state
      const isDeployment = state.workload.kind === 'Deployment'
      return {
        uid,
        generation,
        resourceVersion: String(version),
        replicas,
        paused,
        strategy: isDeployment ? `surge ${maxSurge}, unavailable ${maxUnavailable}` : 'one at a time',
        maxSurge,
        maxUnavailable,
        heldBack,
        restartStamp: stamp,
        rolling: pods.length !== replicas || pods.some((pod) => !isCurrent(state, pod) || pod.phase !== 'ready'),
        earlierRevisions: isDeployment ? earlierRevisions(state) : [],
      }
    },

    async missingPermissions(_namespace, needed) {
      answering(state)
      return needed.filter((one) =>
        state.denied.some(({ verb, resource }) => one.verb === verb && one.resource === resource),
      )
    },

    restart: (_workload, stamp, resourceVersion) =>
      changing('restart', resourceVersion, () => {
        if (state.stamp === stamp) return
        newTemplate(state, stamp)
        changeSpec(state, `restart ${stamp}`)
      }),
    tryRestart: dryRun,

    async rollout() {
      answering(state)
      const { generation, observedGeneration, replicas: desired, pods } = state
      const current = running(state).filter((pod) => isCurrent(state, pod))
      const allReady = current.length >= desired && current.every(({ phase }) => phase === 'ready')
      return {
        generation,
        observedGeneration,
        desired,
        updated: current.length,
        available: readyPods(state).length,
        done: observedGeneration === generation && allReady && pods.length === desired,
        pods: pods.map((pod) => rolloutPod(state, pod)),
      }
    },

    async pause({ kind }) {
      if (kind !== 'Deployment') throw new RemediationError('none', `A ${kind} cannot be paused.`)
      await changing('pause', undefined, () => {
        if (state.paused) return
        state.paused = true
        changeSpec(state, 'pause')
      })
    },

    async rollBack(_workload, toRevision, resourceVersion) {
      const earlier = state.revisions.get(toRevision)
      if (earlier === undefined) throw new RemediationError('none', `There is no revision ${toRevision}.`)
      return changing('rollBack', resourceVersion, () => {
        Object.assign(state, { ...earlier, paused: false })
        state.revisions.set(Math.max(...state.revisions.keys()) + 1, earlier)
        state.revisions.delete(toRevision)
        changeSpec(state, `roll back to ${toRevision}`)
      })
    },

    scale: (_workload, replicas, resourceVersion) =>
      changing('scale', resourceVersion, () => {
        if (state.replicas === replicas) return
        state.replicas = replicas
        changeSpec(state, `scale ${replicas}`)
      }),
    tryScale: dryRun,

    async setMinimum(_autoscaler, minReplicas, resourceVersion) {
      if (state.faults.get('setMinimum')?.[0] === 'conflict') setAutoscaler(state, {})
      // An autoscaler has a version of its own.
      const isNewest = state.autoscaler?.resourceVersion === resourceVersion
      return changing('setMinimum', isNewest ? undefined : 'another', () => {
        if (state.autoscaler?.minReplicas !== minReplicas) state.changes.push(`minimum ${minReplicas}`)
        setAutoscaler(state, { minReplicas })
      })
    },
    tryMinimum: dryRun,

    async evict(_namespace, { name, uid }) {
      answering(state)
      const pod = state.pods.find((one) => one.name === name)
      if (pod?.uid !== uid) return { result: 'gone' }
      const [budget] = budgets(state)
      if (pod.phase === 'ready' && budget?.disruptionsAllowed === 0) {
        const { name: which, desiredHealthy, currentHealthy } = budget
        return {
          result: 'refused',
          text: `The disruption budget ${which} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently.`,
        }
      }
      await changing('evict', undefined, () => {
        if (pod.phase === 'stopping') return
        pod.phase = 'stopping'
        state.evicted.push(uid)
        rememberReady(state)
      })
      return { result: 'evicted' }
    },
  }
}

/** What the disruption controller says now. */
export function budgets(state: ClusterState): readonly Budget[] {
  const { minAvailable } = state
  if (minAvailable === undefined) return []
  const currentHealthy = readyPods(state).length
  const disruptionsAllowed = Math.max(0, currentHealthy - minAvailable)
  return [{ name: 'web-budget', currentHealthy, desiredHealthy: minAvailable, disruptionsAllowed }]
}

function earlierRevisions({ revisions, template }: ClusterState): readonly number[] {
  return [...revisions]
    .filter(([, one]) => one.template !== template)
    .map(([revision]) => revision)
    .toSorted((a, b) => b - a)
}

function rolloutPod(state: ClusterState, pod: APod): RolloutPod {
  const { name, uid, restarts, trouble, phase } = pod
  const alive = isCurrent(state, pod) ? (trouble === undefined ? phase : 'failing') : 'old'
  return { name, uid, restarts, trouble, state: phase === 'stopping' ? phase : alive }
}
