import findMyWay from 'find-my-way'
import { type Action, forbidden, isAllowed } from '../rbac.ts'
import type { Registry } from '../registry.ts'
import { RESOURCES, type Resource } from '../resources.ts'
import { methodNotAllowed } from '../status-error.ts'
import { review } from './access-review.ts'
import { type ApiReply, type ApiRequest, isTrue } from './api-request.ts'
import { DISCOVERY } from './discovery.ts'
import { evict } from './eviction.ts'
import { OPENAPI } from './openapi.ts'
import { getOne, listAll, selection } from './read.ts'
import { getScale, writeScale } from './scale.ts'
import { watchAll } from './watch.ts'
import { createFrom, deleteFrom, patchFrom, replaceFrom } from './write.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

type Answer = (request: ApiRequest) => ApiReply
type Operation = { readonly verb: string; readonly answer: Answer }
type Operations = Readonly<Record<string, Operation>>
type Params = Readonly<Record<string, string | undefined>>

/** Finds what answers a path: undefined where the API has no such path. */
export type Route = (path: string) => { readonly params: Params; readonly answer: Answer } | undefined

/** All paths of the API. A request whose user lacks the verb gets 403, an unknown method 405. */
export function apiRoutes(registry: Registry): Route {
  const router = findMyWay<findMyWay.HTTPVersion.V1>({ maxParamLength: 253 })
  const add = (path: string, answer: Answer): void => {
    router.on([...METHODS], path, () => undefined, { answer })
  }

  for (const [path, document] of [...DISCOVERY, ...OPENAPI]) {
    add(path, ({ method }) => {
      if (method !== 'GET') throw methodNotAllowed()
      return { status: 200, body: document }
    })
  }
  for (const kind of ['SelfSubjectAccessReview', 'SelfSubjectRulesReview'] as const) {
    add(`/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`, (request) => {
      if (request.method !== 'POST') throw methodNotAllowed()
      return review(kind, request)
    })
  }
  for (const resource of RESOURCES) addResource(registry, resource, add)

  return (path) => {
    const found = router.find('GET', path)
    // The store of every route is the object given to `on` above.
    const { answer } = (found?.store ?? {}) as { answer?: Answer }
    return found && answer ? { params: found.params, answer } : undefined
  }
}

function addResource(registry: Registry, resource: Resource, add: (path: string, answer: Answer) => void): void {
  const base = resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`
  const list: Operation = { verb: 'list', answer: (request) => listAll(registry, resource, request) }
  const collection: Operations = {
    GET: list,
    POST: { verb: 'create', answer: (request) => createFrom(registry, resource, request) },
    DELETE: { verb: 'deletecollection', answer: (request) => deleteAll(registry, resource, request) },
  }
  const single: Operations = {
    GET: { verb: 'get', answer: (request) => getOne(registry, resource, request) },
    PUT: { verb: 'update', answer: (request) => replaceFrom(registry, resource, request, 'spec') },
    PATCH: { verb: 'patch', answer: (request) => patchFrom(registry, resource, request, 'spec') },
    DELETE: { verb: 'delete', answer: (request) => deleteFrom(registry, resource, request) },
  }
  const subresources: Readonly<Record<string, Operations>> = {
    status: {
      GET: single.GET ?? list,
      PUT: { verb: 'update', answer: (request) => replaceFrom(registry, resource, request, 'status') },
      PATCH: { verb: 'patch', answer: (request) => patchFrom(registry, resource, request, 'status') },
    },
    scale: {
      GET: { verb: 'get', answer: (request) => getScale(registry, resource, request) },
      PUT: { verb: 'update', answer: (request) => writeScale(registry, resource, request) },
      PATCH: { verb: 'patch', answer: (request) => writeScale(registry, resource, request) },
    },
    eviction: { POST: { verb: 'create', answer: (request) => evict(registry, request) } },
  }
  const watch: Operation = { verb: 'watch', answer: (request) => watchAll(registry, resource, request) }
  const place = resource.namespaced ? `${base}/namespaces/:namespace/${resource.plural}` : `${base}/${resource.plural}`
  const dispatch = (operations: Operations, subresource?: string): Answer => {
    return (request) => {
      const watches = operations.GET === list && request.method === 'GET' && isTrue(request.query.get('watch'))
      const operation = watches ? watch : operations[request.method]
      if (!operation) throw methodNotAllowed()
      authorize(request, resource, operation.verb, subresource)
      return operation.answer(request)
    }
  }
  add(place, dispatch(collection))
  add(`${place}/:name`, dispatch(single))
  for (const name of resource.subresources) add(`${place}/:name/${name}`, dispatch(subresources[name] ?? {}, name))
  if (resource.namespaced) add(`${base}/${resource.plural}`, dispatch({ GET: list }))
}

function authorize(
  { user, namespace, name, query }: ApiRequest,
  resource: Resource,
  verb: string,
  subresource?: string,
): void {
  // RBAC counts a collection request for one name as a request for that name.
  const selected = /^metadata\.name==?([^,]+)$/.exec(query.get('fieldSelector') ?? '')?.[1]
  const target = name ?? (verb === 'list' || verb === 'watch' ? selected : undefined)
  const action: Action = {
    verb,
    group: resource.group,
    resource: resource.plural,
    ...(subresource ? { subresource } : {}),
    ...(namespace === undefined ? {} : { namespace }),
    ...(target === undefined ? {} : { name: target }),
  }
  if (!isAllowed(user, action)) throw forbidden(user, action)
}

function deleteAll(registry: Registry, resource: Resource, request: ApiRequest): ApiReply {
  const listed = listAll(registry, resource, { ...request, headers: {} })
  const objects = registry.store.list(resource.kind, request.namespace).filter(selection(resource, request))
  for (const { metadata } of objects) deleteFrom(registry, resource, { ...request, name: metadata.name })
  return listed
}
