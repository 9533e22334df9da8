import { type KubeObject, timestamp } from '../object.ts'
import type { Registry } from '../registry.ts'

/** Says as an Event object what a part of the control plane did to `about`. */
export type RecordEvent = (
  component: string,
  about: KubeObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
) => void

/** Real clusters keep events for an hour; this one keeps the newest. */
const KEPT_EVENTS = 500

/** A recorder that counts up a repeated event about the same object, as the real one does. */
export function eventRecorder(registry: Registry): RecordEvent {
  const recorded = new Map<string, KubeObject>()
  return (component, about, type, reason, message) => {
    const { store } = registry
    const key = [about.metadata.uid, component, reason, message].join('\n')
    const known = recorded.get(key)
    const at = timestamp(registry.now())
    if (known) {
      const counted = { ...known, count: Number(known.count) + 1, lastTimestamp: at }
      recorded.set(key, store.put('Event', counted))
      return
    }
    const { name, namespace = 'default', uid, resourceVersion } = about.metadata
    const event = registry.create('Event', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${registry.nameSuffix()}${registry.nameSuffix()}`, namespace },
      involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name, namespace, uid, resourceVersion },
      type,
      reason,
      message,
      source: { component },
      reportingComponent: component,
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    })
    recorded.set(key, event)
    for (const [oldKey, old] of recorded) {
      if (recorded.size <= KEPT_EVENTS) break
      recorded.delete(oldKey)
      store.remove('Event', old)
    }
  }
}
