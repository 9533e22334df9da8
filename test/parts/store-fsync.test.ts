import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { anEvent, arrive, NOW } from '../contract/records.ts'
import { start, typescriptCommand } from '../store/sqlite/child.ts'
import { temporaryDirectory } from '../store/sqlite/temporary-store.ts'
import { parseTrace, requireStrace, type SystemCall, traced } from './strace.ts'

const WRITER = new URL('store-writer.ts', import.meta.url)
const EVENTS = 20

const isSync = ({ name }: SystemCall): boolean => name === 'fsync' || name === 'fdatasync'

/** Acknowledgements that left the process while something written was not on the disk, or without anything written for them. */
function acknowledgementsBeforeSync(calls: readonly SystemCall[]): readonly string[] {
  const premature: string[] = []
  const unsynced = new Set<string>()
  let writes = 0
  for (const call of calls) {
    if (call.name === 'pwrite64') {
      unsynced.add(call.file)
      writes += 1
    }
    if (isSync(call) && call.succeeded) unsynced.delete(call.file)
    if (call.name !== 'write' || !call.text.includes('ack e-')) continue
    if (unsynced.size > 0 || writes === 0) premature.push(call.text)
    writes = 0
  }
  return premature
}

/**
 * A process that is killed leaves its writes in the kernel, so kill -9 cannot show that an acknowledgement waited for the disk.
 * These tests watch the system calls instead, and let them fail.
 */
describe('an acknowledgement by the SQLite store', () => {
  let directory: string
  let remove: () => void
  beforeAll(() => requireStrace())
  beforeEach(() => {
    ;({ directory, remove } = temporaryDirectory())
  })
  afterEach(() => remove())

  /** Writes `EVENTS` events, one after the other, in a process under strace. */
  async function write(name: string, inject?: string) {
    const path = join(directory, name, 'incbot.db')
    const trace = join(directory, `${name}.trace`)
    const writer = start(traced(typescriptCommand(WRITER, path, 'e', `${EVENTS}`, '1'), trace, inject))
    await writer.printed('done')
    await writer.ended
    const answers = [...writer.output().matchAll(/^(ack|duplicate|rejected) e-(\d+)(?: (\S+))?$/gm)]
    return {
      path,
      calls: parseTrace(readFileSync(trace, 'utf8')),
      answers: answers.map(([, answer]) => answer),
      codes: [...new Set(answers.map(([, , , code]) => code).filter((code) => code !== undefined))],
      acknowledged: answers.filter(([, answer]) => answer === 'ack').map(([, , id]) => `e-${id}`),
    }
  }

  /** How often a system call is made on the way to the third acknowledgement: faults begin after that. */
  async function callsBeforeFourth(name: 'fsync' | 'pwrite64'): Promise<number> {
    const { calls } = await write('rehearsal')
    const third = calls.findIndex(({ text }) => text.includes('ack e-2'))
    return calls.slice(0, third).filter((call) => call.name === name).length
  }

  async function stored(path: string): Promise<readonly string[]> {
    const store = await openSqliteStore({ path, ownerId: 'inspector' })
    const entries = await store.inbox('pd-Q1', 1000)
    const again = await arrive(store, 'pd-Q1', anEvent('e-0'), ['e-0'], NOW)
    await store.close()
    expect(again).toBe('duplicate')
    return entries.map(({ event }) => (event.type === 'clicked' ? event.requestId : ''))
  }

  it('comes only after all that was written has been synced to the disk', async () => {
    const { calls, answers } = await write('plain')
    expect(answers).toEqual(Array.from({ length: EVENTS }, () => 'ack'))
    expect(acknowledgementsBeforeSync(calls)).toEqual([])
  }, 60_000)

  it('never comes while the disk refuses to sync, and comes again once it does', async () => {
    const first = (await callsBeforeFourth('fsync')) + 1
    const { path, answers, codes, acknowledged } = await write('failing', `fsync:error=EIO:when=${first}..${first + 4}`)
    expect(answers).toEqual([
      ...Array.from({ length: 3 }, () => 'ack'),
      ...Array.from({ length: 5 }, () => 'rejected'),
      ...Array.from({ length: EVENTS - 8 }, () => 'ack'),
    ])
    expect(codes).toEqual(['SQLITE_IOERR_FSYNC'])
    const kept = await stored(path)
    expect(new Set(kept).size).toBe(kept.length)
    expect(acknowledged.filter((id) => !kept.includes(id))).toEqual([])
  }, 60_000)

  it('never comes again while the disk stays broken', async () => {
    const first = (await callsBeforeFourth('fsync')) + 1
    const { acknowledged, answers } = await write('broken', `fsync:error=EIO:when=${first}+`)
    expect(acknowledged).toEqual(['e-0', 'e-1', 'e-2'])
    expect(answers).toHaveLength(EVENTS)
  }, 60_000)

  it('never comes while the disk is full, and comes again once there is room', async () => {
    const first = (await callsBeforeFourth('pwrite64')) + 1
    const { path, answers, codes, acknowledged } = await write(
      'full',
      `pwrite64:error=ENOSPC:when=${first}..${first + 4}`,
    )
    const rejected = answers.filter((answer) => answer === 'rejected').length
    expect(rejected).toBeGreaterThan(0)
    expect(answers.slice(0, 3 + rejected)).toEqual([
      ...Array.from({ length: 3 }, () => 'ack'),
      ...Array.from({ length: rejected }, () => 'rejected'),
    ])
    expect(answers.slice(3 + rejected)).toEqual(Array.from({ length: EVENTS - 3 - rejected }, () => 'ack'))
    expect(codes).toEqual(['SQLITE_FULL'])
    const kept = await stored(path)
    expect(new Set(kept).size).toBe(kept.length)
    expect(acknowledged.filter((id) => !kept.includes(id))).toEqual([])
  }, 60_000)
})
