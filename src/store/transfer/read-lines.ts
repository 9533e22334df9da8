import { z } from 'zod'
import { StoreError } from '../store-error.ts'
import { createLinesDigest, HEADER } from './lines.ts'
import type { RecordKind, TransferRecord } from './record.ts'
import { createTally } from './tally.ts'

const id = z.string().min(1)
const count = z.int().min(0)
const time = z.number()

/** What stores rely on. The rest of a record is for whoever wrote it, and the digest at the end says whether that is still so. */
const SHAPES: Readonly<Record<RecordKind | 'end', z.ZodType>> = {
  incident: z.object({
    version: z.int().min(1),
    record: z.object({ id, status: id, openedAt: time, service: z.string().optional() }),
  }),
  entry: z.object({
    incidentId: id,
    entry: z.object({
      sequence: z.int().min(1),
      at: time,
      actor: z.string(),
      type: z.string(),
      text: z.string(),
      previousHash: id,
      hash: id,
    }),
  }),
  event: z.object({ incidentId: id, sequence: count, receivedAt: time, event: z.object({ type: id }) }),
  seen: z.object({ key: z.string(), at: time }),
  leader: z.object({ group: z.string(), incidentId: id, until: time }),
  joined: z.object({ incidentId: id, leaderId: id, at: time }),
  due: z.object({ key: z.string(), at: time, ticket: count }),
  delivery: z.object({
    record: z.object({ key: id, incidentId: id, state: z.enum(['intended', 'sent', 'abandoned']) }),
  }),
  freeze: z.object({ record: z.object({ id, service: id, until: time, liftedAt: time.optional() }) }),
  setting: z.object({ name: z.string(), value: z.string() }),
  numbers: z.object({ last: count, fence: count }),
  end: z.object({ counts: z.record(z.string(), count), sha256: id }),
}
const KINDS = Object.keys(SHAPES)
const isKind = (text: string): text is keyof typeof SHAPES => KINDS.includes(text)

const AGAIN = 'Export again, and import the whole file as it was written.'

/**
 * The records of an export, as its lines come. `name` is the file, for texts. Throws a StoreError, `bad-export`, with line, field and what to do; whether
 * the export is whole is known only at its end.
 */
export async function* readExport(
  lines: AsyncIterable<string>,
  name: string,
): AsyncGenerator<TransferRecord, void, undefined> {
  const digest = createLinesDigest()
  const tally = createTally()
  let number = 0
  let ended = false
  const bad = (what: string) => new StoreError('bad-export', `${name}, line ${number}: ${what}`)

  for await (const line of lines) {
    number += 1
    const value = parsed(line)
    if (value === undefined) throw bad(`is no JSON object. ${AGAIN}`)
    if (number === 1) requireHeader(value, bad)
    else {
      if (ended) throw bad(`something follows the last line of the export. ${AGAIN}`)
      const kind = 'kind' in value ? String(value.kind) : ''
      if (!isKind(kind)) throw bad(`kind is ${JSON.stringify(kind)}; expected one of ${KINDS.join(', ')}. ${AGAIN}`)
      const problem = problemOf(SHAPES[kind].safeParse(value))
      if (problem !== undefined) throw bad(`${problem} ${AGAIN}`)
      if (kind === 'end') {
        ended = true
        requireWhole(value, tally.counts(), digest.hex(), bad)
        continue
      }
      // Checked by the shape of its kind; the shape's own result would lack the fields that it does not name.
      const record = value as TransferRecord
      tally.take(record)
      yield record
    }
    digest.add(line)
  }
  if (number === 0) throw new StoreError('bad-export', `${name} is empty. ${AGAIN}`)
  if (!ended) throw bad(`the export breaks off here: its last line, which says what it holds, is missing. ${AGAIN}`)
}

type Bad = (what: string) => StoreError

function requireHeader(value: object, bad: Bad): void {
  const format = 'format' in value ? value.format : undefined
  if (format !== HEADER.format)
    throw bad(
      `format is ${JSON.stringify(format)}; expected "${HEADER.format}". Give a file that \`incbot store export\` wrote.`,
    )
  const version = 'version' in value ? value.version : undefined
  if (version !== HEADER.version)
    throw bad(
      `version is ${JSON.stringify(version)}; this incbot reads ${HEADER.version}. Import it with the incbot that wrote it, or a later one.`,
    )
}

/** `end` has the shape of the last line. */
function requireWhole(end: object, counts: Readonly<Partial<Record<string, number>>>, sha256: string, bad: Bad): void {
  const told = SHAPES.end.parse(end) as { counts: Record<string, number>; sha256: string } // as its shape says
  for (const kind of new Set([...Object.keys(told.counts), ...Object.keys(counts)])) {
    const [expected, found] = [told.counts[kind] ?? 0, counts[kind] ?? 0]
    if (expected !== found)
      throw bad(
        `counts.${kind} is ${expected}, but there are ${found} lines of this kind: some are missing or too many. ${AGAIN}`,
      )
  }
  if (told.sha256 !== sha256)
    throw bad(`sha256 is not that of the lines before: something in them was changed. ${AGAIN}`)
}

function parsed(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function problemOf(result: z.ZodSafeParseResult<unknown>): string | undefined {
  const [issue] = result.error?.issues ?? []
  return issue && `${issue.path.join('.')}: ${issue.message}.`
}
