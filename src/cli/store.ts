import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RecordsPlace } from '../app/audit-records.ts'
import {
  exportedLines,
  importLines,
  type Keeper,
  keeperOf,
  MoveError,
  migrateRecords,
  placeInWords,
} from '../app/move-records.ts'
import { linesIn } from './audit-lines.ts'
import { readRecordsPlace } from './records-place.ts'

export interface StoreOutput {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: { write(text: string): unknown }
}

export interface StoreInput extends StoreOutput {
  readonly stdin: AsyncIterable<string | Uint8Array>
}

/** Writes everything that is kept as lines of JSON. 0: all of it; 2: it cannot be read, or not to the end. */
export async function storeExport(env: NodeJS.ProcessEnv, output: StoreOutput): Promise<0 | 2> {
  return orExplained(output, async () => {
    const place = placeOf(env)
    let lines = 0
    async function* counted() {
      for await (const line of exportedLines(place)) {
        lines += 1
        yield line
      }
    }
    await pipeline(Readable.from(counted()), output.stdout, { end: false })
    output.stderr.write(
      `Exported ${placeInWords(place, keeperOf(place))}: ${lines.toLocaleString('en')} lines. They name people and their reasons: keep the file to yourself.\n`,
    )
  })
}

/** Reads an export into records that are empty. 0: all of it; 2: nothing. */
export async function storeImport(file: string | undefined, env: NodeJS.ProcessEnv, input: StoreInput): Promise<0 | 2> {
  return orExplained(input, async () => {
    const place = placeOf(env)
    const name = file ?? 'standard input'
    const lines = linesIn(textOf(() => (file === undefined ? input.stdin : createReadStream(file)), name))
    const words = await importLines(place, lines, name, progressOn(input))
    input.stdout.write(
      `Imported into ${placeInWords(place, keeperOf(place))}: ${words}.\nAll was read back and is the same. Next: start incbot with this environment.\n`,
    )
  })
}

/** Moves everything to the other place. 0: all of it, compared; 2: nothing. */
export async function storeMigrate(to: Keeper, env: NodeJS.ProcessEnv, output: StoreOutput): Promise<0 | 2> {
  return orExplained(output, async () => {
    const place = placeOf(env)
    const from = placeInWords(place, to === 'redis' ? 'sqlite' : 'redis')
    const words = await migrateRecords(place, to, progressOn(output))
    const next =
      to === 'redis'
        ? 'start incbot with REDIS_URL set, as it is here'
        : 'start incbot without REDIS_URL, on this data directory'
    output.stdout.write(
      `Moved from ${from} to ${placeInWords(place, to)}: ${words}.\n` +
        'All was read back and is the same, and each timeline ends in the same head.\n' +
        `Nothing was changed in ${from}; no incbot may be started there any more.\nNext: ${next}.\n`,
    )
  })
}

const PROGRESS_EVERY_MS = 2_000

/** A line every two seconds, of what takes longer. */
function progressOn({ stderr }: StoreOutput): (step: string, records: number) => void {
  let last = performance.now()
  return (step, records) => {
    if (performance.now() - last < PROGRESS_EVERY_MS) return
    last = performance.now()
    stderr.write(`${records.toLocaleString('en')} records ${step} …\n`)
  }
}

async function* textOf(
  open: () => AsyncIterable<string | Uint8Array>,
  name: string,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder()
  try {
    for await (const chunk of open()) yield typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
  } catch (error) {
    throw new MoveError(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function placeOf(env: NodeJS.ProcessEnv): RecordsPlace {
  const reading = readRecordsPlace(env)
  if (reading.ok) return reading.place
  throw new MoveError(reading.problems.join('\n'))
}

async function orExplained({ stderr }: StoreOutput, work: () => Promise<void>): Promise<0 | 2> {
  try {
    await work()
    return 0
  } catch (error) {
    // Whoever reads has gone away; what they have is not whole, and says so by its missing last line.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 2
    if (!(error instanceof MoveError)) throw error
    stderr.write(`${error.message}\n`)
    return 2
  }
}
