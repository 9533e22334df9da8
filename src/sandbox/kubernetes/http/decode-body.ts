import { isJsonObject, type JsonObject, textOf } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { apiVersionOf, type Resource } from '../resources.ts'
import { decode } from '../schema/decode.ts'
import { badRequest, invalid } from '../status-error.ts'
import { type ApiRequest, option } from './api-request.ts'

/** An object as decoded from a request, and the warnings to send back with the answer. */
export interface DecodedObject {
  readonly object: KubeObject
  readonly warnings: readonly string[]
}

/**
 * Decodes a request's object as `resource`, after `fieldValidation`: `Strict` refuses unknown fields, otherwise they are
 * dropped (and warned of, unless `Ignore`). Throws 400 for a whole object, 422 for the result of a patch, as the real one.
 */
export function decodeObject(
  request: ApiRequest,
  resource: Resource,
  input: unknown,
  from: 'body' | 'patch',
): DecodedObject {
  const { query } = request
  const validation = option(query, 'fieldValidation', 'CreateOptions', ['Ignore', 'Warn', 'Strict']) ?? 'Warn'
  const expected = apiVersionOf(resource)
  if (!isJsonObject(input)) throw badRequest(`the object provided is unrecognized: it is not a JSON object`)
  const { apiVersion = expected, kind = resource.kind } = input
  if (apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${textOf(apiVersion)}) does not match the expected API version (${expected})`,
    )
  }
  if (kind !== resource.kind) {
    throw badRequest(`${textOf(kind)} in version "${resource.version}" cannot be handled as a ${resource.kind}`)
  }
  const { value, unknownFields, typeErrors } = decode(resource.kind, input)
  const strict = validation === 'Strict' ? unknownFields.map((field) => `unknown field "${field}"`) : []
  const complaint = typeErrors[0] ?? (strict.length > 0 ? `strict decoding error: ${strict.join(', ')}` : undefined)
  if (complaint !== undefined && from === 'body') {
    const prefix = `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}`
    throw badRequest(`${prefix}: ${complaint}`)
  }
  if (complaint !== undefined) {
    const text = request.body.toString('utf8')
    const message = `Invalid value: ${JSON.stringify(text)}: ${complaint}`
    throw invalid(undefined, '', [{ reason: 'FieldValueInvalid', message, field: 'patch' }])
  }
  const warnings = validation === 'Warn' ? unknownFields.map((field) => `unknown field "${field}"`) : []
  return { object: named(request, resource, { ...value, apiVersion: expected, kind: resource.kind }), warnings }
}

/** Completes name and namespace from the path. Throws 400 where object and path disagree, 422 without any name. */
function named(
  request: ApiRequest,
  resource: Resource,
  value: JsonObject & { apiVersion: string; kind: string },
): KubeObject {
  const given = isJsonObject(value.metadata) ? value.metadata : {}
  const namespace = given.namespace ?? request.namespace
  if (namespace !== request.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  const name = given.name ?? request.name ?? ''
  if (request.name !== undefined && name !== request.name) {
    throw badRequest(`the name of the object (${textOf(name)}) does not match the name on the URL (${request.name})`)
  }
  if (name === '' && given.generateName === undefined) {
    const message = 'Required value: name or generateName is required'
    throw invalid(resource, '', [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }])
  }
  return {
    ...value,
    metadata: { ...given, name: textOf(name), ...(namespace === undefined ? {} : { namespace: textOf(namespace) }) },
  }
}

/** The header by which the API server warns; kubectl prints it. */
export const warningHeaders = (warnings: readonly string[]): Record<string, string[]> =>
  warnings.length === 0 ? {} : { warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`) }
