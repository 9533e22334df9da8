import { fieldsOf, type JsonObject, textOf } from '../json.ts'
import { isAllowed, type KubernetesUser } from '../rbac.ts'
import { decode } from '../schema/decode.ts'
import { badRequest } from '../status-error.ts'
import { type ApiReply, type ApiRequest, objectBody } from './api-request.ts'

/** Answers a review that every user may ask about themselves. Throws 400 for a body of another shape. */
export function review(kind: 'SelfSubjectAccessReview' | 'SelfSubjectRulesReview', request: ApiRequest): ApiReply {
  const { value, typeErrors } = decode(kind, objectBody(request, kind))
  if (typeErrors[0]) throw badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${typeErrors[0]}`)
  const spec = fieldsOf(value.spec)
  const status =
    kind === 'SelfSubjectAccessReview' ? access(request.user, spec) : rules(request.user, textOf(spec.namespace))
  const metadata = { creationTimestamp: null }
  return { status: 201, body: { kind, apiVersion: 'authorization.k8s.io/v1', metadata, spec, status } }
}

function access(user: KubernetesUser, spec: JsonObject): JsonObject {
  if (spec.resourceAttributes === undefined) {
    const { verb } = fieldsOf(spec.nonResourceAttributes)
    return { allowed: verb === 'get' }
  }
  const asked = fieldsOf(spec.resourceAttributes)
  const namespace = textOf(asked.namespace)
  const subresource = textOf(asked.subresource)
  const allowed = isAllowed(user, {
    verb: textOf(asked.verb),
    group: textOf(asked.group),
    resource: textOf(asked.resource),
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(asked.name === undefined ? {} : { name: textOf(asked.name) }),
  })
  return allowed ? { allowed, reason: `RBAC: allowed by a rule of "${user.name}"` } : { allowed }
}

function rules(user: KubernetesUser, namespace: string): JsonObject {
  const applying = user.rules.filter((rule) => rule.namespaces === undefined || rule.namespaces.includes(namespace))
  return {
    resourceRules: applying.map(({ apiGroups, resources, verbs, resourceNames }) => ({
      verbs,
      apiGroups,
      resources,
      ...(resourceNames ? { resourceNames } : {}),
    })),
    nonResourceRules: [
      { verbs: ['get'], nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/version'] },
    ],
    incomplete: false,
  }
}
