import { createHash } from 'node:crypto'
import type { ChainEnd } from '../timeline-chain.ts'
import type { LastNumbers, RecordKind, TransferRecord } from './record.ts'

export type Counts = Readonly<Partial<Record<RecordKind, number>>>

/** What can be said of many records without keeping them. */
export interface Tally {
  take(record: TransferRecord): void
  /** How many there were of each kind, without `numbers`. */
  counts(): Counts
  total(): number
  /** SHA-256 over the ends of all timelines, in hexadecimal: equal only where each chain ends in the same head. */
  heads(): string
  /** SHA-256 over all records but the numbers, in hexadecimal. */
  digest(): string
  numbers(): LastNumbers | undefined
}

export function createTally(): Tally {
  const counts: Partial<Record<RecordKind, number>> = {}
  const all = createHash('sha256')
  const heads = createHash('sha256')
  let end: ({ readonly incidentId: string } & ChainEnd) | undefined
  let numbers: LastNumbers | undefined
  let total = 0

  function closeTimeline(): void {
    if (end) heads.update(`${JSON.stringify([end.incidentId, end.sequence, end.hash])}\n`)
    end = undefined
  }

  return {
    take(record) {
      if (record.kind === 'numbers') {
        numbers = { last: record.last, fence: record.fence }
        return
      }
      total += 1
      counts[record.kind] = (counts[record.kind] ?? 0) + 1
      all.update(`${JSON.stringify(record)}\n`)
      if (record.kind === 'entry') {
        const { sequence, hash } = record.entry
        end = { incidentId: record.incidentId, sequence, hash }
      } else closeTimeline()
    },
    counts: () => counts,
    total: () => total,
    heads: () => {
      closeTimeline()
      return heads.copy().digest('hex')
    },
    digest: () => all.copy().digest('hex'),
    numbers: () => numbers,
  }
}
