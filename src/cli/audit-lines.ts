import { createReadStream } from 'node:fs'
import { z } from 'zod'
import type { AuditEntry } from '../app/audit-judge.ts'
import { AuditError } from '../app/audit-records.ts'

/** That it is an entry at all; whether it is as it was recorded is for the hash to say, and so are fields that are too many. */
const shape = z.object({
  incidentId: z.string(),
  sequence: z.int(),
  at: z.number(),
  actor: z.string(),
  type: z.string(),
  text: z.string(),
  previousHash: z.string(),
  hash: z.string(),
})

/** The entry on this line as it stands there; undefined where it is none. */
export function readEntry(line: string): AuditEntry | undefined {
  try {
    const value: unknown = JSON.parse(line)
    // The schema's own result would lack the fields that it does not name, which the hash covers as well.
    return shape.safeParse(value).success ? (value as AuditEntry) : undefined
  } catch {
    return undefined
  }
}

/** The text of a file in pieces. Throws `AuditError` where it cannot be read. */
export async function* fileText(file: string): AsyncGenerator<string, void, undefined> {
  try {
    for await (const text of createReadStream(file, 'utf8')) yield String(text)
  } catch (error) {
    throw new AuditError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/** Pieces of text as lines, without their line breaks and without empty ones. */
export async function* linesIn(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line.trim() !== '')
  }
  if (rest.trim() !== '') yield rest
}
