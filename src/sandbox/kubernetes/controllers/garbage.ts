import { deleteObject } from '../deletion.ts'
import type { KubeObject } from '../object.ts'
import type { Registry } from '../registry.ts'
import { RESOURCES } from '../resources.ts'
import type { StoreEvent } from '../store.ts'
import type { Controller, ObjectKey } from './loop.ts'
import { isTerminating } from './pods.ts'

/** Removes what is left without an owner, a node or a namespace. */
export function garbageCollector(registry: Registry): Controller {
  const { store } = registry
  const all = function* (): Generator<readonly [(typeof RESOURCES)[number], KubeObject]> {
    for (const resource of RESOURCES) for (const object of store.list(resource.kind)) yield [resource, object]
  }
  const ownerExists = (object: KubeObject): boolean => {
    const owners = object.metadata.ownerReferences ?? []
    const uids = new Set(owners.map(({ uid }) => uid))
    return owners.length === 0 || [...all()].some(([, candidate]) => uids.has(candidate.metadata.uid ?? ''))
  }
  return {
    name: 'garbage',
    affected: ({ type, kind }: StoreEvent): readonly ObjectKey[] =>
      type === 'DELETED' && kind !== 'Event' ? [{ namespace: undefined, name: 'sweep' }] : [],
    reconcile() {
      for (const [resource, object] of [...all()]) {
        const { namespace } = object.metadata
        const homeless = namespace !== undefined && !store.get('Namespace', undefined, namespace)
        if (homeless) store.remove(resource.kind, object)
        else if (!isTerminating(object) && !ownerExists(object)) deleteObject(registry, resource, object)
      }
      for (const pod of store.list('Pod')) {
        const node = pod.spec.nodeName
        if (node !== undefined && !store.get('Node', undefined, node)) store.remove('Pod', pod)
      }
      return undefined
    },
  }
}
