import type { WorkloadKind } from '../../domain/service.ts'
import type { Permission } from '../cluster.ts'
import type { Question } from './ask.ts'
import { impossible, passed } from './ask.ts'

const PLURALS: Readonly<Record<WorkloadKind, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
}

/** Every kind reads the workload and watches its pods with the account that writes; a Deployment's by way of its ReplicaSets. */
function toLook(workload: { readonly kind: WorkloadKind; readonly name: string }): readonly Permission[] {
  const pods: Permission = { verb: 'list', group: '', resource: 'pods' }
  const sets: Permission = { verb: 'list', group: 'apps', resource: 'replicasets' }
  return [onWorkload(workload, 'get'), pods, ...(workload.kind === 'Deployment' ? [sets] : [])]
}

/** A permission on the workload itself, or on a subresource of it: "scale". */
export function onWorkload(
  { kind, name }: { readonly kind: WorkloadKind; readonly name: string },
  verb: string,
  subresource?: string,
): Permission {
  const resource = subresource === undefined ? PLURALS[kind] : `${PLURALS[kind]}/${subresource}`
  return { verb, group: 'apps', resource, name }
}

/** Whether the account that writes may do what this takes. */
export function permission(needed: (planning: Parameters<Question['look']>[0]) => readonly Permission[]): Question {
  return {
    what: 'permission',
    async look(planning) {
      const { workload, writer, signal } = planning
      const { namespace, cluster } = workload
      const wanted = [...needed(planning), ...toLook(workload)]
      const missing = await writer.missingPermissions(namespace, wanted, signal)
      if (missing.length === 0) return passed(`incbot's account may do this in ${namespace} on ${cluster}.`)
      return impossible(
        `incbot's account may not ${missing.map(inWords).join(', nor ')} in ${namespace} on ${cluster}.`,
        `Apply deploy/kubernetes/rbac-write.yaml in ${namespace}.`,
      )
    },
  }
}

function inWords({ verb, group, resource, name }: Permission): string {
  const which = group === '' ? resource : `${resource}.${group}`
  return name === undefined ? `${verb} ${which}` : `${verb} ${which} ${name}`
}
