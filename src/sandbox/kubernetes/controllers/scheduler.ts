import { type Condition, timestamp } from '../object.ts'
import type { Registry } from '../registry.ts'
import type { Node, Pod } from '../workloads.ts'
import type { RecordEvent } from './events.ts'
import { type Controller, keyOf } from './loop.ts'
import { insufficient, nodeSelected, untolerated } from './node-fit.ts'
import { isTerminating } from './pods.ts'

const isWaiting = (pod: Pod): boolean => pod.spec.nodeName === undefined && pod.status.phase === 'Pending'

/** Binds each waiting pod to the first node, by name, that has room for its requests. */
export function scheduler(registry: Registry, record: RecordEvent): Controller {
  const { store } = registry

  const unfit = (pod: Pod, node: Node): readonly string[] => {
    if (!nodeSelected(pod.spec, node)) return ["node(s) didn't match Pod's node affinity/selector"]
    const taint = untolerated(pod.spec, node)
    if (taint) return [`node(s) had untolerated taint {${taint}: }`]
    const running = store
      .list('Pod')
      .filter(
        ({ spec, status }) =>
          spec.nodeName === node.metadata.name && status.phase !== 'Succeeded' && status.phase !== 'Failed',
      )
    return insufficient(pod.spec, node, running).map((name) =>
      name === 'pods' ? 'Too many pods' : `Insufficient ${name}`,
    )
  }

  const bind = (pod: Pod, node: Node): void => {
    const bound = store.put('Pod', {
      ...pod,
      spec: { ...pod.spec, nodeName: node.metadata.name },
      status: { ...pod.status, conditions: [scheduled('True', registry.now())] },
    })
    const text = `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node.metadata.name}`
    record('default-scheduler', bound, 'Normal', 'Scheduled', text)
  }

  const refuse = (pod: Pod, reasons: readonly string[], nodes: number): void => {
    const counts = new Map<string, number>()
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
    const list = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
    const message = `0/${nodes} nodes are available${list.length > 0 ? `: ${list.join(', ')}` : ''}.`
    const present = pod.status.conditions?.find(({ type }) => type === 'PodScheduled')
    if (present?.status === 'False' && present.message === message) return
    const condition = { ...scheduled('False', registry.now()), reason: 'Unschedulable', message }
    registry.update('Pod', pod, { ...pod, status: { ...pod.status, conditions: [condition] } }, 'status')
    record('default-scheduler', pod, 'Warning', 'FailedScheduling', message)
  }

  return {
    name: 'scheduler',
    affected({ kind, type, object }) {
      if (kind === 'Pod' && type === 'ADDED') return [keyOf(object)]
      // Room appears when a pod goes or a node comes or changes.
      const makesRoom = kind === 'Node' || (kind === 'Pod' && type === 'DELETED')
      return makesRoom ? store.list('Pod').filter(isWaiting).map(keyOf) : []
    },
    reconcile({ namespace, name }) {
      const pod = store.get('Pod', namespace, name)
      if (!pod || !isWaiting(pod) || isTerminating(pod)) return undefined
      const nodes = store.list('Node')
      const reasons: string[] = []
      for (const node of nodes) {
        const against = unfit(pod, node)
        if (against.length === 0) {
          bind(pod, node)
          return undefined
        }
        reasons.push(...against)
      }
      refuse(pod, reasons, nodes.length)
      return undefined
    },
  }
}

const scheduled = (status: 'True' | 'False', nowMs: number): Condition => ({
  type: 'PodScheduled',
  status,
  lastTransitionTime: timestamp(nowMs),
})
