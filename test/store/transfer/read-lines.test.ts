import { describe, expect, it } from '@jest/globals'
import { readExport } from '../../../src/store/transfer/read-lines.ts'
import type { TransferRecord } from '../../../src/store/transfer/record.ts'
import { anIncident } from '../../contract/records.ts'
import { sealed, streamed } from './movers.ts'

const RECORDS = [
  { kind: 'incident', version: 2, record: anIncident() },
  { kind: 'seen', key: 'k', at: 1 },
  { kind: 'setting', name: 'off', value: 'by U1' },
  { kind: 'numbers', last: 7, fence: 9 },
]

async function read(lines: readonly string[]): Promise<readonly TransferRecord[]> {
  const records: TransferRecord[] = []
  for await (const record of readExport(streamed(lines), 'export.jsonl')) records.push(record)
  return records
}
const refusal = (lines: readonly string[]): Promise<string> =>
  read(lines).then(
    () => 'not refused',
    (error: Error) => error.message,
  )

/** The export with its lines changed. */
const changed = (change: (lines: string[]) => void): readonly string[] => {
  const lines = sealed(RECORDS)
  change(lines)
  return lines
}

describe('reading an export', () => {
  it('gives every record as it was written', async () => {
    expect(await read(sealed(RECORDS))).toEqual(RECORDS)
  })

  it('keeps fields that it does not know, and their order', async () => {
    const record = { ...anIncident(), zebra: [1, null], apple: { b: 1, a: 2 } }
    const [found] = await read(sealed([{ kind: 'incident', version: 1, record }]))
    expect(JSON.stringify(found)).toBe(JSON.stringify({ kind: 'incident', version: 1, record }))
  })

  it.each([
    ['is empty', [], /^export\.jsonl is empty\./],
    [
      'is something else',
      ['{"level":"info"}'],
      /^export\.jsonl, line 1: format is undefined; expected "incbot-records"/,
    ],
    ['is no text of ours', ['dear diary'], /line 1: is no JSON object/],
    [
      'is of a later incbot',
      sealed(RECORDS, { format: 'incbot-records', version: 2 }),
      /line 1: version is 2; this incbot reads 1/,
    ],
    ['breaks off', changed((lines) => lines.pop()), /line 5: the export breaks off here/],
    [
      'breaks off in a line',
      changed((lines) => lines.splice(3, 9, lines[3]?.slice(0, 20) ?? '')),
      /line 4: is no JSON object/,
    ],
    ['lacks a line', changed((lines) => lines.splice(2, 1)), /line 5: counts\.seen is 1, but there are 0/],
    ['has a line twice', changed((lines) => lines.splice(2, 0, lines[2] ?? '')), /counts\.seen is 1, but there are 2/],
    [
      'has a changed line',
      changed((lines) => lines.splice(3, 1, (lines[3] ?? '').replace('U1', 'U2'))),
      /line 6: sha256 is not that of the lines before/,
    ],
    ['goes on behind its end', changed((lines) => lines.push(lines[2] ?? '')), /line 7: something follows/],
    ['has a kind that is none', sealed([{ kind: 'lease' }]), /line 2: kind is "lease"; expected one of incident, /],
  ])('refuses one that %s', async (_what, lines, text) => {
    expect(await refusal(lines)).toMatch(text)
  })

  it.each([
    [{ kind: 'incident', version: 0, record: anIncident() }, /line 2: version: /],
    [
      { kind: 'incident', version: 1, record: { ...anIncident(), openedAt: 'today' } },
      /line 2: record\.openedAt: .*number/,
    ],
    [{ kind: 'entry', incidentId: 'pd-Q1', entry: { sequence: 1 } }, /line 2: entry\.at: /],
    [{ kind: 'event', incidentId: 'pd-Q1', sequence: 1, receivedAt: 1, event: {} }, /line 2: event\.type: /],
    [{ kind: 'seen', key: 'k' }, /line 2: at: /],
    [{ kind: 'leader', group: 'g', incidentId: '', until: 1 }, /line 2: incidentId: /],
    [{ kind: 'joined', incidentId: 'a', at: 1 }, /line 2: leaderId: /],
    [{ kind: 'due', key: 'k', at: 1, ticket: 1.5 }, /line 2: ticket: /],
    [{ kind: 'delivery', record: { key: 'k', incidentId: 'i', state: 'lost' } }, /line 2: record\.state: /],
    [{ kind: 'freeze', record: { id: 'f', service: 's' } }, /line 2: record\.until: /],
    [{ kind: 'setting', name: 'n', value: null }, /line 2: value: /],
    [{ kind: 'numbers', last: 1, fence: -1 }, /line 2: fence: /],
  ])('names line and field of %j, and what to do', async (record, text) => {
    const message = await refusal(sealed([record]))
    expect(message).toMatch(text)
    expect(message).toContain('Export again')
  })
})
