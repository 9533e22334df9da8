import type { IncomingMessage } from 'node:http'
import { readBody } from '../http.ts'
import { MethodRefusal } from './refusal.ts'

const bodyMaxBytes = 2_000_000

export interface ReceivedArguments {
  readonly args: Readonly<Record<string, unknown>>
  readonly token: string | undefined
  readonly warning?: 'missing_charset'
}

/**
 * The arguments of a Web API request from its query (GET), form, multipart form or JSON body, without the token; tokens
 * count in the Authorization header or as a form field, never in a query or in JSON (docs.slack.dev, "Using the Web API").
 */
export async function receiveArguments(req: IncomingMessage): Promise<ReceivedArguments> {
  const header = /^Bearer (\S+)$/.exec(req.headers.authorization ?? '')?.[1]
  if (req.method === 'GET') {
    const query = new URL(req.url ?? '/', 'http://slack').searchParams
    return { args: Object.fromEntries(query), token: header }
  }
  if (req.method !== 'POST') throw new MethodRefusal('method_not_supported')
  const body = await readBody(req, bodyMaxBytes)
  const contentType = req.headers['content-type'] ?? ''
  const mediaType = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  if (mediaType === '' && body.length > 0) throw new MethodRefusal('missing_post_type')
  if (mediaType === 'application/json') {
    const args = jsonObject(body.toString())
    return { args, token: header, ...(!/charset=/i.test(contentType) && { warning: 'missing_charset' as const }) }
  }
  const { token, ...args } = await formFields(body, mediaType, contentType)
  return { args, token: header ?? token }
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text === '' ? '{}' : text)
  } catch {
    throw new MethodRefusal('invalid_json')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MethodRefusal('json_not_object')
  // Checked above: a JSON object has string keys.
  return value as Readonly<Record<string, unknown>>
}

async function formFields(
  body: Buffer,
  mediaType: string,
  contentType: string,
): Promise<{ readonly token?: string; readonly [name: string]: string | undefined }> {
  if (mediaType === 'application/x-www-form-urlencoded' || mediaType === '')
    return Object.fromEntries(new URLSearchParams(body.toString()))
  if (mediaType === 'multipart/form-data') {
    const form = await parseMultipart(body, contentType)
    return Object.fromEntries([...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])))
  }
  throw new MethodRefusal('invalid_post_type')
}

/** Throws `invalid_form_data` for a body that is not what its content type says. */
export async function parseMultipart(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  } catch {
    throw new MethodRefusal('invalid_form_data')
  }
}
