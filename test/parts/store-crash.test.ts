import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { verifyTimeline } from '../../src/store/timeline-chain.ts'
import { anEvent, arrive, NOW } from '../contract/records.ts'
import { start, typescriptCommand } from '../store/sqlite/child.ts'
import { temporaryDirectory } from '../store/sqlite/temporary-store.ts'

const WRITER = new URL('store-writer.ts', import.meta.url)
const LANES = 4
const ROUNDS_PER_LANE = 8

const ids = (output: string, word: string): string[] =>
  [...output.matchAll(new RegExp(`^${word} (\\S+)$`, 'gm'))].map(([, id]) => id ?? '')

/** Runs a writer on the store and kills it: sometimes while it opens, mostly while it writes. Returns what it had acknowledged. */
async function writeUntilKilled(path: string, prefix: string, atOnce: number): Promise<string> {
  const writer = start(typescriptCommand(WRITER, path, prefix, '0', `${atOnce}`))
  if (Math.random() < 0.2) {
    await sleep(Math.random() * 1500)
  } else {
    await writer.printed('ready')
    await sleep(Math.random() * 150)
  }
  writer.process.kill('SIGKILL')
  await writer.ended
  return writer.output()
}

async function inspect(path: string, acknowledged: readonly string[], committed: number): Promise<void> {
  const store = await openSqliteStore({ path, ownerId: 'inspector' })
  try {
    const stored = (await store.inbox('pd-Q1', 1_000_000)).map(({ event }) =>
      event.type === 'clicked' ? event.requestId : '',
    )
    expect(new Set(stored).size).toBe(stored.length)
    expect(acknowledged.filter((id) => !stored.includes(id))).toEqual([])
    const again = await Promise.all(stored.map((id) => arrive(store, 'pd-Q1', anEvent(id), [id], NOW)))
    expect(new Set(again)).toEqual(new Set(stored.length > 0 ? ['duplicate'] : []))

    const version = (await store.incident('worked-on'))?.version ?? 0
    const timeline = await store.timeline('worked-on')
    expect(version).toBeGreaterThanOrEqual(committed)
    expect((await store.incident('worked-on'))?.value.title).toBe(version > 0 ? `version ${version}` : undefined)
    expect(timeline).toHaveLength(version)
    expect(verifyTimeline(timeline)).toEqual({ ok: true })
    expect((await store.due(NOW, 1_000_000)).filter(({ key }) => key.startsWith('project:'))).toHaveLength(version)
  } finally {
    await store.close()
  }
}

describe('the SQLite store of a process that is killed', () => {
  it(`keeps every acknowledged event exactly once, over ${LANES * ROUNDS_PER_LANE} × kill -9`, async () => {
    let total = 0
    const lane = async (number: number): Promise<void> => {
      const { directory, remove } = temporaryDirectory()
      const path = join(directory, 'incbot.db')
      const acknowledged: string[] = []
      let committed = 0
      for (let round = 0; round < ROUNDS_PER_LANE; round += 1) {
        const output = await writeUntilKilled(path, `${number}.${round}`, number % 2 ? 1 : 8)
        acknowledged.push(...ids(output, 'ack'))
        committed = Math.max(committed, ...ids(output, 'committed').map(Number))
        await inspect(path, acknowledged, committed)
      }
      total += acknowledged.length
      remove()
    }
    await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)))
    expect(total).toBeGreaterThan(LANES * ROUNDS_PER_LANE)
  }, 120_000)
})
