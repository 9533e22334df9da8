import { createHash } from 'node:crypto'
import type { TransferRecord } from './record.ts'
import { createTally } from './tally.ts'

/** The first line of an export; a later version is one that this incbot cannot read. */
export const HEADER = { format: 'incbot-records', version: 1 } as const

/** The digest of an export's lines, with their line breaks. */
export function createLinesDigest(): { add(line: string): void; hex(): string } {
  const hash = createHash('sha256')
  return {
    add: (line) => {
      hash.update(`${line}\n`)
    },
    hex: () => hash.copy().digest('hex'),
  }
}

/**
 * Records as lines of JSON, each with its line break: what it is, the records, and how many there were. Without its last line an export is not whole, so
 * none is written when reading the records fails.
 */
export async function* exportLines(records: AsyncIterable<TransferRecord>): AsyncGenerator<string, void, undefined> {
  const digest = createLinesDigest()
  const tally = createTally()
  const line = (value: object): string => {
    const text = JSON.stringify(value)
    digest.add(text)
    return `${text}\n`
  }
  yield line(HEADER)
  for await (const record of records) {
    tally.take(record)
    yield line(record)
  }
  yield `${JSON.stringify({ kind: 'end', counts: tally.counts(), sha256: digest.hex() })}\n`
}
