import { StoreError } from '../store-error.ts'
import { type ChainEnd, isNext } from '../timeline-chain.ts'
import { countsInWords, type LastNumbers, type RecordTarget, type TransferRecord } from './record.ts'
import { type Counts, createTally, type Tally } from './tally.ts'

/** How far a move has come: so many records were written, or looked at again afterwards. */
export type OnProgress = (step: 'written' | 'verified', records: number) => void

/** Few enough for one call to a server that must end soon. */
const BATCH_RECORDS = 500
const BATCH_CHARACTERS = 500_000

/**
 * Writes records into an empty target, reads them back and compares: the target either has all of them at the end, or none. Throws a StoreError; when the
 * process dies, no bot starts on what is there.
 */
export async function moveRecords(
  records: AsyncIterable<TransferRecord>,
  target: RecordTarget,
  onProgress: OnProgress = () => {},
): Promise<Counts> {
  await target.prepare()
  await requireEmpty(target)
  await target.begin()
  try {
    const tally = createTally()
    for await (const batch of batches(chained(records))) {
      await target.write(batch)
      for (const record of batch) tally.take(record)
      onProgress('written', tally.total())
    }
    await requireSame(tally, target, onProgress)
    await target.finish()
    return tally.counts()
  } catch (error) {
    // Where even that fails, the target stays marked as half imported.
    await target.abandon().catch(() => undefined)
    throw error
  }
}

async function requireEmpty(target: RecordTarget): Promise<void> {
  const tally = createTally()
  for await (const record of target.records()) tally.take(record)
  if (tally.total() === 0) return
  throw new StoreError(
    'not-empty',
    `${target.name} is not empty: it holds ${countsInWords(tally.counts())}. Records are only moved to where there are none, and nothing was changed. ` +
      'Choose another INCBOT_DATA_DIR or REDIS_PREFIX, or take away what is there.',
  )
}

/** Throws where a timeline is not as it was recorded: what follows a gap could not be chained to it. */
async function* chained(records: AsyncIterable<TransferRecord>): AsyncGenerator<TransferRecord, void, undefined> {
  let incidentId: string | undefined
  let end: ChainEnd | undefined
  for await (const record of records) {
    if (record.kind === 'incident') {
      incidentId = record.record.id
      end = undefined
    }
    if (record.kind === 'entry') {
      if (record.incidentId !== incidentId || !isNext(end, record.entry))
        throw new StoreError(
          'bad-export',
          `Entry ${record.entry.sequence} of the timeline of ${record.incidentId} does not follow the one before: it was changed, or one is missing. ` +
            'Only what is as it was recorded is moved. `incbot audit verify` names all such entries; restore the records from a backup.',
        )
      end = record.entry
    }
    yield record
  }
}

async function* batches(
  records: AsyncIterable<TransferRecord>,
): AsyncGenerator<readonly TransferRecord[], void, undefined> {
  let batch: TransferRecord[] = []
  let characters = 0
  for await (const record of records) {
    batch.push(record)
    characters += JSON.stringify(record).length
    if (batch.length < BATCH_RECORDS && characters < BATCH_CHARACTERS) continue
    yield batch
    batch = []
    characters = 0
  }
  if (batch.length > 0) yield batch
}

async function requireSame(expected: Tally, target: RecordTarget, onProgress: OnProgress): Promise<void> {
  const found = createTally()
  for await (const record of target.records()) {
    found.take(record)
    if (found.total() % BATCH_RECORDS === 0) onProgress('verified', found.total())
  }
  const differences = [
    ...(countsInWords(expected.counts()) === countsInWords(found.counts())
      ? []
      : [`${countsInWords(expected.counts())} were written, and ${countsInWords(found.counts())} are there`]),
    ...(expected.heads() === found.heads() ? [] : ['the timelines end in other heads']),
    ...(expected.digest() === found.digest() ? [] : ['the records are not the same']),
    ...(areBelow(expected.numbers(), found.numbers()) ? [] : ['numbers that were given out could be given out again']),
  ]
  if (differences.length === 0) return
  throw new StoreError(
    'unavailable',
    `${target.name} does not hold what was written: ${differences.join('; ')}. Nothing was kept of it. Make sure that nobody else uses it, and try again.`,
  )
}

function areBelow(before: LastNumbers | undefined, after: LastNumbers | undefined): boolean {
  if (before === undefined) return true
  return after !== undefined && after.last >= before.last && after.fence >= before.fence
}
