import { deleteObject } from '../deletion.ts'
import { omitEmpty } from '../json.ts'
import { controllerOf } from '../object.ts'
import type { Registry } from '../registry.ts'
import { servedResource } from '../resources.ts'
import type { ControllerRevision, Pod, StatefulSet } from '../workloads.ts'
import type { RecordEvent } from './events.ts'
import { type Controller, keyOf } from './loop.ts'
import { availability, createPod, isActive, isReady, isTerminating, podsOf, untilAvailableMs } from './pods.ts'
import { ensureRevision, pruneRevisions, REVISION_LABEL, revisionNamed } from './revisions.ts'

const ordinalOf = (pod: Pod): number => Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1)
const revisionOf = (pod: Pod): string | undefined => pod.metadata.labels?.[REVISION_LABEL]

/** Keeps the numbered pods of a stateful set, one step at a time, as `stateful_set_control.go` does. */
export function statefulSetController(registry: Registry, record: RecordEvent): Controller {
  const { store } = registry

  const remove = (set: StatefulSet, pod: Pod): void => {
    deleteObject(registry, servedResource('Pod'), pod)
    const text = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`
    record('statefulset-controller', set, 'Normal', 'SuccessfulDelete', text)
  }

  const create = (set: StatefulSet, ordinal: number, revision: ControllerRevision): void => {
    const { $patch: _directive, ...template } = revision.data.spec.template
    const name = `${set.metadata.name}-${ordinal}`
    createPod(registry, set, template, name, {
      [REVISION_LABEL]: revision.metadata.name,
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(ordinal),
    })
    const text = `create Pod ${name} in StatefulSet ${set.metadata.name} successful`
    record('statefulset-controller', set, 'Normal', 'SuccessfulCreate', text)
  }

  /** Takes the next step towards the wanted pods; in an ordered set that is one pod, and none while another is not ready. */
  const step = (
    set: StatefulSet,
    pods: readonly Pod[],
    current: ControllerRevision,
    update: ControllerRevision,
  ): void => {
    const ordered = set.spec.podManagementPolicy === 'OrderedReady'
    const available = (pod: Pod): boolean => untilAvailableMs(pod, set.spec.minReadySeconds, registry.now()) === 0
    const settled = (pod: Pod): boolean => available(pod) && !isTerminating(pod)
    const partition = set.spec.updateStrategy.rollingUpdate?.partition ?? 0
    for (let ordinal = 0; ordinal < set.spec.replicas; ordinal += 1) {
      const pod = pods.find((candidate) => ordinalOf(candidate) === ordinal)
      if (!pod) create(set, ordinal, ordinal < partition ? current : update)
      else if (!isActive(pod) && !isTerminating(pod)) remove(set, pod)
      if (ordered && !(pod && settled(pod))) return
    }
    const condemned = pods
      .filter((pod) => ordinalOf(pod) >= set.spec.replicas)
      .sort((a, b) => ordinalOf(b) - ordinalOf(a))
    for (const pod of condemned) {
      if (!isTerminating(pod)) remove(set, pod)
      if (ordered) return
    }
    if (set.spec.updateStrategy.type === 'OnDelete') return
    for (let ordinal = set.spec.replicas - 1; ordinal >= partition; ordinal -= 1) {
      const pod = pods.find((candidate) => ordinalOf(candidate) === ordinal)
      if (!pod) return
      if (revisionOf(pod) !== update.metadata.name && !isTerminating(pod)) {
        remove(set, pod)
        return
      }
      if (!settled(pod)) return
    }
  }

  const writeStatus = (set: StatefulSet, current: string, update: ControllerRevision): number | undefined => {
    const pods = podsOf(store, set)
    const { available, againMs } = availability(pods, set.spec.minReadySeconds, registry.now())
    const ready = pods.filter(isReady).length
    const updated = pods.filter((pod) => !isTerminating(pod) && revisionOf(pod) === update.metadata.name).length
    const rolled = updated === set.spec.replicas && ready === set.spec.replicas && pods.length === updated
    const finished = set.spec.updateStrategy.type === 'RollingUpdate' && rolled
    const currentRevision = finished ? update.metadata.name : current
    const onCurrent = pods.filter((pod) => !isTerminating(pod) && revisionOf(pod) === currentRevision).length
    const status = {
      replicas: pods.length,
      availableReplicas: available,
      ...omitEmpty({
        observedGeneration: set.metadata.generation,
        readyReplicas: ready,
        currentReplicas: onCurrent,
        updatedReplicas: updated,
        currentRevision,
        updateRevision: update.metadata.name,
      }),
      collisionCount: 0,
    }
    registry.update('StatefulSet', set, { ...set, status }, 'status')
    pruneRevisions(registry, set, [currentRevision, update.metadata.name])
    return againMs
  }

  return {
    name: 'statefulset',
    affected({ kind, object }) {
      if (kind === 'StatefulSet') return [keyOf(object)]
      const owner = kind === 'Pod' ? controllerOf(object) : undefined
      return owner?.kind === 'StatefulSet' ? [{ namespace: object.metadata.namespace, name: owner.name }] : []
    },
    reconcile({ namespace, name }) {
      const set = store.get('StatefulSet', namespace, name)
      if (!set || isTerminating(set)) return undefined
      const update = ensureRevision(registry, set)
      const current = revisionNamed(registry, set, set.status.currentRevision ?? '') ?? update
      step(set, podsOf(store, set), current, update)
      return writeStatus(set, current.metadata.name, update)
    },
  }
}
