import type { IncomingMessage } from 'node:http'
import { readBody } from '../http.ts'
import { type Reply, textReply } from './replies.ts'
import { parseMultipart } from './request-arguments.ts'
import type { SlackState } from './state.ts'

const fileMaxBytes = 20_000_000

/** The bytes of an announced file, raw or as the one file of a multipart form. They must have the announced length. */
export async function receiveUpload(req: IncomingMessage, state: SlackState, token: string): Promise<Reply> {
  const file = state.files.byUploadToken(token)
  if (!file) return textReply(404, 'no such upload')
  if (req.method !== 'POST') return textReply(405, 'POST the bytes')
  if (file.bytes) return textReply(400, 'already uploaded')
  const bytes = await fileBytes(await readBody(req, fileMaxBytes), req.headers['content-type'] ?? '')
  if (!bytes) return textReply(400, 'the form has no file')
  if (bytes.length !== file.lengthBytes)
    return textReply(400, `announced ${file.lengthBytes} bytes, received ${bytes.length}`)
  file.bytes = bytes
  return textReply(200, `OK - ${bytes.length}`)
}

async function fileBytes(body: Buffer, contentType: string): Promise<Buffer | undefined> {
  if (!contentType.startsWith('multipart/form-data')) return body
  const form = await parseMultipart(body, contentType)
  const part = [...form.values()].find((value) => typeof value !== 'string')
  return part && Buffer.from(await part.arrayBuffer())
}
