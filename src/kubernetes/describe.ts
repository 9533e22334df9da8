import type { Workload } from '../domain/service.ts'

/** "Deployment ml/server". */
export function describe({ kind, namespace, name }: Workload): string {
  return `${kind} ${namespace}/${name}`
}

/** "get deployments in namespace ml". */
export function toRead({ kind, namespace }: Workload): string {
  return `get ${kind.toLowerCase()}s in namespace ${namespace}`
}
