import { openSqliteTarget } from '../../../src/store/sqlite/import.ts'
import { openSqliteSource } from '../../../src/store/sqlite/open-records.ts'
import { moveRecords } from '../../../src/store/transfer/move.ts'
import type { TransferRecord } from '../../../src/store/transfer/record.ts'

// Moves the store that is named first into the second, more than fits into one batch, and stops before the last record until it is killed.
const [from = '', to = ''] = process.argv.slice(2)

async function* halting(): AsyncGenerator<TransferRecord, void, undefined> {
  for await (const record of openSqliteSource(from).records()) {
    if (record.kind === 'numbers') {
      for (let at = 0; at < 2_000; at += 1) yield { kind: 'seen', key: `more ${at}`, at }
      process.stdout.write('half\n')
      await new Promise((resolve) => setTimeout(resolve, 60_000))
    }
    yield record
  }
}

await moveRecords(halting(), openSqliteTarget(to, 'importer'))
