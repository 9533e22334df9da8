import { ApiError } from './status-error.ts'

/** What a user may do, as an RBAC rule says it; without `namespaces` it holds in all of them and for cluster-wide requests. */
export interface PolicyRule {
  /** `''` is the core group, `*` every group. */
  readonly apiGroups: readonly string[]
  /** Plural names, `pods/eviction` for a subresource, `*` for everything. */
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly namespaces?: readonly string[]
}

/** Somebody who may send requests, known by a bearer token. */
export interface KubernetesUser {
  readonly name: string
  readonly token: string
  readonly rules: readonly PolicyRule[]
}

/** A request in RBAC's terms; `namespace` is undefined for requests over all namespaces and for cluster-scoped kinds. */
export interface Action {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
}

const includes = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value)

export function isAllowed(user: KubernetesUser, action: Action): boolean {
  const resource = action.subresource ? `${action.resource}/${action.subresource}` : action.resource
  return user.rules.some(
    (rule) =>
      includes(rule.verbs, action.verb) &&
      includes(rule.apiGroups, action.group) &&
      (includes(rule.resources, resource) || rule.resources.includes(`*/${action.subresource ?? ''}`)) &&
      (rule.resourceNames === undefined || rule.resourceNames.includes(action.name ?? '')) &&
      (rule.namespaces === undefined || (action.namespace !== undefined && rule.namespaces.includes(action.namespace))),
  )
}

/** 403 in the API server's words, for an action that no rule allows. */
export function forbidden(user: KubernetesUser, action: Action): ApiError {
  const { verb, group, resource, subresource, namespace, name } = action
  const asked = subresource ? `${resource}/${subresource}` : resource
  const qualified = group ? `${resource}.${group}` : resource
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const subject = name ? `${qualified} "${name}" is forbidden` : `${qualified} is forbidden`
  return new ApiError(
    403,
    'Forbidden',
    `${subject}: User "${user.name}" cannot ${verb} resource "${asked}" in API group "${group}" ${scope}`,
    { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource },
  )
}
