import { deleteObject } from '../deletion.ts'
import { omitEmpty } from '../json.ts'
import { controllerOf } from '../object.ts'
import type { Registry } from '../registry.ts'
import { servedResource } from '../resources.ts'
import type { DaemonSet, Node, Pod, PodTemplate } from '../workloads.ts'
import type { RecordEvent } from './events.ts'
import { type Controller, keyOf } from './loop.ts'
import { nodeSelected } from './node-fit.ts'
import {
  availability,
  createPod,
  isActive,
  isReady,
  isTerminating,
  podsOf,
  resolveCount,
  untilAvailableMs,
} from './pods.ts'
import { ensureRevision, pruneRevisions, REVISION_LABEL } from './revisions.ts'

/** Keeps one pod of a daemon set on every node that its template selects. */
export function daemonSetController(registry: Registry, record: RecordEvent): Controller {
  const { store } = registry

  const remove = (set: DaemonSet, pod: Pod): void => {
    deleteObject(registry, servedResource('Pod'), pod)
    record('daemonset-controller', set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
  }

  const place = (set: DaemonSet, nodes: readonly Node[], hash: string): void => {
    const pods = podsOf(store, set)
    for (const pod of pods.filter((candidate) => !isActive(candidate) && !isTerminating(candidate))) remove(set, pod)
    for (const node of nodes) {
      if (pods.some((pod) => nodeOf(pod) === node.metadata.name)) continue
      const template = boundTo(set.spec.template, node.metadata.name)
      const labels = { [REVISION_LABEL]: hash, 'pod-template-generation': String(set.metadata.generation ?? 1) }
      const pod = createPod(registry, set, template, `${set.metadata.name}-`, labels)
      record('daemonset-controller', set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
    }
    for (const pod of pods.filter((candidate) => !isTerminating(candidate))) {
      if (!nodes.some((node) => node.metadata.name === nodeOf(pod))) remove(set, pod)
    }
  }

  const roll = (set: DaemonSet, nodes: readonly Node[], hash: string): void => {
    const { type, rollingUpdate } = set.spec.updateStrategy
    if (type !== 'RollingUpdate') return
    const pods = podsOf(store, set).filter((pod) => !isTerminating(pod))
    const available = (pod: Pod): boolean => untilAvailableMs(pod, set.spec.minReadySeconds, registry.now()) === 0
    const serving = nodes.filter((node) => pods.some((pod) => nodeOf(pod) === node.metadata.name && available(pod)))
    const allowed = Math.max(1, resolveCount(rollingUpdate?.maxUnavailable ?? 1, nodes.length, 'up'))
    const outdated = pods.filter(({ metadata }) => metadata.labels?.[REVISION_LABEL] !== hash)
    const room = Math.max(0, allowed - (nodes.length - serving.length))
    const idle = outdated.filter((pod) => !available(pod))
    for (const pod of [...idle, ...outdated.filter(available).slice(0, room)]) remove(set, pod)
  }

  const writeStatus = (set: DaemonSet, nodes: readonly Node[], hash: string): number | undefined => {
    const pods = podsOf(store, set).filter((pod) => !isTerminating(pod))
    const wanted = pods.filter((pod) => nodes.some((node) => node.metadata.name === nodeOf(pod)))
    const { available, againMs } = availability(wanted, set.spec.minReadySeconds, registry.now())
    const status = {
      currentNumberScheduled: wanted.length,
      numberMisscheduled: pods.length - wanted.length,
      desiredNumberScheduled: nodes.length,
      numberReady: wanted.filter(isReady).length,
      ...omitEmpty({
        observedGeneration: set.metadata.generation,
        updatedNumberScheduled: wanted.filter(({ metadata }) => metadata.labels?.[REVISION_LABEL] === hash).length,
        numberAvailable: available,
        numberUnavailable: nodes.length - available,
      }),
    }
    registry.update('DaemonSet', set, { ...set, status }, 'status')
    return againMs
  }

  return {
    name: 'daemonset',
    affected({ kind, object }) {
      if (kind === 'DaemonSet') return [keyOf(object)]
      if (kind === 'Node') return store.list('DaemonSet').map(keyOf)
      const owner = kind === 'Pod' ? controllerOf(object) : undefined
      return owner?.kind === 'DaemonSet' ? [{ namespace: object.metadata.namespace, name: owner.name }] : []
    },
    reconcile({ namespace, name }) {
      const set = store.get('DaemonSet', namespace, name)
      if (!set || isTerminating(set)) return undefined
      const revision = ensureRevision(registry, set)
      const hash = revision.metadata.labels?.[REVISION_LABEL] ?? ''
      const nodes = store.list('Node').filter((node) => nodeSelected(set.spec.template.spec, node))
      place(set, nodes, hash)
      roll(set, nodes, hash)
      pruneRevisions(registry, set, [revision.metadata.name])
      return writeStatus(set, nodes, hash)
    },
  }
}

/** The node that a daemon's pod is meant for: bound already, or named by its affinity. */
function nodeOf({ spec }: Pod): string | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return spec.nodeName ?? terms?.[0]?.matchFields?.[0]?.values?.[0]
}

function boundTo(template: PodTemplate, node: string): PodTemplate {
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } }
  const tolerated = ['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable']
  const tolerations = tolerated.map((name) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists' }))
  const { spec } = template
  return {
    ...template,
    spec: {
      ...spec,
      affinity: { ...spec.affinity, nodeAffinity },
      tolerations: [...(spec.tolerations ?? []), ...tolerations],
    },
  }
}
