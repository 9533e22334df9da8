import type { KubeObject } from '../object.ts'
import type { Resource } from '../resources.ts'
import { columnsOf } from './columns.ts'

/** The server-side table by which `kubectl get` prints (meta.k8s.io/v1); `includeObject` says how much of each object it carries. */
export function tableOf(resource: Resource, objects: readonly KubeObject[], query: URLSearchParams, nowMs: number) {
  const columns = columnsOf(resource.kind)
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: objects.length === 1 ? (objects[0]?.metadata.resourceVersion ?? '') : '' },
    columnDefinitions: columns.map(({ name, type = 'string', wide }) => ({
      name,
      type,
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: wide ? 1 : 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object, nowMs)),
      ...rowObject(object, query.get('includeObject')),
    })),
  }
}

function rowObject(object: KubeObject, include: string | null): { object?: unknown } {
  if (include === 'None') return {}
  if (include === 'Object') return { object }
  return { object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata } }
}
