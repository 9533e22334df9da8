import { createHash } from 'node:crypto'
import { openSqliteTarget } from '../../../src/store/sqlite/import.ts'
import { openSqliteSource } from '../../../src/store/sqlite/open-records.ts'
import { exportLines } from '../../../src/store/transfer/lines.ts'
import { moveRecords } from '../../../src/store/transfer/move.ts'
import { readExport } from '../../../src/store/transfer/read-lines.ts'
import type { RecordSource, RecordTarget } from '../../../src/store/transfer/record.ts'

/** The lines of an export, without their line breaks. */
export async function linesOf(source: RecordSource): Promise<readonly string[]> {
  try {
    const lines: string[] = []
    for await (const line of exportLines(source.records())) lines.push(line.trimEnd())
    return lines
  } finally {
    await source.close()
  }
}

/** Imports lines; what is thrown is thrown on. */
export async function importedInto(target: RecordTarget, lines: readonly string[]): Promise<void> {
  try {
    await moveRecords(readExport(streamed(lines), 'export.jsonl'), target)
  } finally {
    await target.close()
  }
}

export const sqliteLines = (path: string) => linesOf(openSqliteSource(path))
export const importIntoSqlite = (path: string, lines: readonly string[]) =>
  importedInto(openSqliteTarget(path, 'test'), lines)

export async function* streamed(lines: readonly string[]): AsyncGenerator<string, void, undefined> {
  yield* lines
}

/** An export of these records, with a last line that fits. */
export function sealed(
  records: readonly object[],
  header: object = { format: 'incbot-records', version: 1 },
): string[] {
  const lines = [header, ...records].map((value) => JSON.stringify(value))
  const counts: Record<string, number> = {}
  for (const record of records)
    if ('kind' in record && record.kind !== 'numbers')
      counts[String(record.kind)] = (counts[String(record.kind)] ?? 0) + 1
  const sha256 = createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('hex')
  return [...lines, JSON.stringify({ kind: 'end', counts, sha256 })]
}
