import type { Kind } from './workloads.ts'

/** A kind as the API serves it. `generation` counts changes of the spec, where the real kind has that field. */
export interface Resource {
  readonly group: string
  readonly version: string
  readonly kind: Kind
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  readonly generation: boolean
  readonly subresources: readonly ('status' | 'scale' | 'eviction')[]
}

const resource = (
  groupVersion: string,
  kind: Kind,
  plural: string,
  shortNames: readonly string[],
  details: Partial<Resource> = {},
): Resource => {
  const [version = '', group = ''] = groupVersion.split('/').reverse()
  const singular = kind.toLowerCase()
  const defaults = { categories: [], namespaced: true, generation: false, subresources: [] }
  return { group, version, kind, plural, singular, shortNames, ...defaults, ...details }
}

const workload: Partial<Resource> = { categories: ['all'], generation: true, subresources: ['status', 'scale'] }

const clusterWide: Partial<Resource> = { categories: ['api-extensions'], namespaced: false, generation: true }

/** Everything served, in discovery's order. */
export const RESOURCES: readonly Resource[] = [
  resource('v1', 'ConfigMap', 'configmaps', ['cm']),
  resource('v1', 'Event', 'events', ['ev']),
  resource('v1', 'Namespace', 'namespaces', ['ns'], { namespaced: false, subresources: ['status'] }),
  resource('v1', 'Node', 'nodes', ['no'], { namespaced: false, subresources: ['status'] }),
  resource('v1', 'Pod', 'pods', ['po'], { categories: ['all'], subresources: ['eviction', 'status'] }),
  resource('apps/v1', 'ControllerRevision', 'controllerrevisions', []),
  resource('apps/v1', 'DaemonSet', 'daemonsets', ['ds'], { ...workload, subresources: ['status'] }),
  resource('apps/v1', 'Deployment', 'deployments', ['deploy'], workload),
  resource('apps/v1', 'ReplicaSet', 'replicasets', ['rs'], workload),
  resource('apps/v1', 'StatefulSet', 'statefulsets', ['sts'], workload),
  resource('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', ['hpa'], {
    categories: ['all'],
    subresources: ['status'],
  }),
  resource('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', ['pdb'], {
    generation: true,
    subresources: ['status'],
  }),
  resource('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', [], {
    ...clusterWide,
    subresources: ['status'],
  }),
  resource(
    'admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicyBinding',
    'validatingadmissionpolicybindings',
    [],
    {
      ...clusterWide,
    },
  ),
]

export const resourceOf = (kind: string): Resource | undefined => RESOURCES.find((entry) => entry.kind === kind)

/** The resource of a kind known at compile time. */
export const servedResource = (kind: Kind): Resource => {
  const found = resourceOf(kind)
  if (!found) throw new Error(`No resource is declared for ${kind}.`)
  return found
}

export const apiVersionOf = ({ group, version }: Resource): string => (group ? `${group}/${version}` : version)

/** `deployments.apps`, or `pods` for the core group: how messages name a resource. */
export const qualifiedName = ({ group, plural }: Resource): string => (group ? `${plural}.${group}` : plural)
