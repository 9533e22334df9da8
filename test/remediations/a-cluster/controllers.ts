import type { ClusterState } from './state.ts'
import { addPod, changeSpec, isCurrent, readyPods, rememberReady, running } from './state.ts'

/** One step of the controllers and the kubelets: what stops is gone, what starts is ready, what is missing is made, the next pod is replaced. */
export function tick(state: ClusterState): void {
  state.observedGeneration = state.generation
  state.pods = state.pods.filter(({ phase }) => phase !== 'stopping')
  startPods(state)
  autoscale(state)
  shrink(state)
  makeMissing(state)
  replaceOld(state)
  // Each writes a status.
  state.version += 1
  rememberReady(state)
}

function startPods(state: ClusterState): void {
  // Who came first has a place.
  for (const pod of state.pods.slice(0, state.slots)) {
    if (pod.phase !== 'starting' || state.held) continue
    pod.trouble ??= state.trouble
    if (pod.trouble === undefined) pod.phase = 'ready'
    else pod.restarts += 1
  }
}

function autoscale(state: ClusterState): void {
  const { autoscaler, replicas } = state
  if (autoscaler === undefined || autoscaler.minReplicas <= replicas) return
  state.replicas = autoscaler.minReplicas
  changeSpec(state, `autoscaled to ${state.replicas}`)
}

function shrink(state: ClusterState): void {
  const surplus = running(state).length - state.replicas - (canRoll(state) ? state.maxSurge : 0)
  const unready = running(state).filter(({ phase }) => phase !== 'ready')
  // What serves nobody goes first.
  for (const pod of [...unready, ...readyPods(state)].slice(0, Math.max(0, surplus))) pod.phase = 'stopping'
}

const canRoll = ({ paused, heldBack }: ClusterState): boolean => !paused && heldBack === undefined

function makeMissing(state: ClusterState): void {
  if (state.workload.kind === 'StatefulSet') {
    // A name is free again only when its pod is gone.
    const names = Array.from({ length: state.replicas }, (_, index) => `web-${index}`)
    for (const name of names) if (!state.pods.some((pod) => pod.name === name)) addPod(state, name)
    return
  }
  const current = running(state).filter((pod) => isCurrent(state, pod)).length
  const surge = canRoll(state) ? state.maxSurge : 0
  const room = state.replicas + surge - running(state).length
  const wanted = canRoll(state) ? Math.min(room, state.replicas - current) : room
  for (let made = 0; made < wanted; made += 1) addPod(state, `web-${state.made}`)
}

function replaceOld(state: ClusterState): void {
  if (!canRoll(state)) return
  const isDeployment = state.workload.kind === 'Deployment'
  const old = running(state).filter((pod) => !isCurrent(state, pod))
  // The others wait at a new pod that is not ready.
  if (!isDeployment && running(state).some((pod) => isCurrent(state, pod) && pod.phase !== 'ready')) return
  const spare = Math.max(0, readyPods(state).length - (state.replicas - state.maxUnavailable))
  const unready = old.filter(({ phase }) => phase !== 'ready')
  const ready = old.filter(({ phase }) => phase === 'ready')
  const going = [...unready, ...(isDeployment ? ready : ready.toReversed()).slice(0, spare)]
  for (const pod of going) pod.phase = 'stopping'
}
