import { apiVersionOf, RESOURCES } from '../resources.ts'

const baseOf = (groupVersion: string): string =>
  groupVersion.includes('/') ? `apis/${groupVersion}` : `api/${groupVersion}`

/** As much of a group's OpenAPI document as tells kubectl that the server validates fields itself. */
function documentOf(groupVersion: string) {
  const served = RESOURCES.filter((resource) => apiVersionOf(resource) === groupVersion)
  const paths = served.map(({ plural, namespaced, group, version, kind }) => {
    const place = namespaced ? `namespaces/{namespace}/${plural}/{name}` : `${plural}/{name}`
    const parameters = [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }]
    const patch = { parameters, responses: {}, 'x-kubernetes-group-version-kind': { group, version, kind } }
    return [`/${baseOf(groupVersion)}/${place}`, { patch }] as const
  })
  const info = { title: 'Kubernetes', version: 'v1.33.1' }
  return { openapi: '3.0.0', info, paths: Object.fromEntries(paths), components: { schemas: {} } }
}

const groupVersions = [...new Set(RESOURCES.map(apiVersionOf))]

/** The OpenAPI v3 documents by path: an index and one document per group. There is no v2, and no `kubectl explain`. */
export const OPENAPI: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  [
    '/openapi/v3',
    {
      paths: Object.fromEntries(
        groupVersions.map((entry) => [baseOf(entry), { serverRelativeURL: `/openapi/v3/${baseOf(entry)}` }]),
      ),
    },
  ],
  ...groupVersions.map((entry) => [`/openapi/v3/${baseOf(entry)}`, documentOf(entry)] as const),
])
