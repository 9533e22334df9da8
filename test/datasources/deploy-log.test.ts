import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { deployLog } from '../../src/datasources/deploy-log.ts'
import { aService, NOW } from '../builders.ts'
import { failureOf, inTime, offered, opened } from './deps.ts'

const HOUR_MS = 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'incbot-deploy-log-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'deploys.jsonl')
const window = { from: NOW - 6 * HOUR_MS, to: NOW }

function read(text: string) {
  writeFileSync(path, text)
  return offered(opened(deployLog, { path }).deploys).deploys(aService(), window, inTime())
}

const line = (hoursAgo: number, fields: object = {}) =>
  JSON.stringify({ at: new Date(NOW - hoursAgo * HOUR_MS).toISOString(), service: 'inference', ...fields })

describe('a deploy log', () => {
  it('gives the deploys of the service in the window, in order', async () => {
    const rows = [
      line(1, { version: 'v2' }),
      line(2, { what: 'model fraud-score', version: 'v1' }),
      line(7),
      line(-1),
      line(3, { service: 'checkout' }),
      line(4),
    ]
    const { value, warnings, query } = await read(`${rows.join('\n')}\n\n`)
    expect(value).toEqual([
      { at: NOW - 4 * HOUR_MS, what: 'deploy' },
      { at: NOW - 2 * HOUR_MS, what: 'model fraud-score' },
      { at: NOW - 1 * HOUR_MS, what: 'v2' },
    ])
    expect([warnings, query]).toEqual([[], `read ${path}`])
  })

  it('understands other time zones', async () => {
    const { value } = await read('{"at":"2026-03-15T04:12:00+01:00","service":"inference"}')
    expect(value).toEqual([{ at: NOW - HOUR_MS / 2, what: 'deploy' }])
  })

  it.each([
    '{"at":"yesterday","service":"inference"}',
    '{"service":"inference"}',
    '[]',
    'null',
    '42',
    '{',
    'free text',
    '{"at":"2026-03-15T03:00:00","service":"inference"}',
  ])('leaves out the line %s and says so', async (bad) => {
    const { value, warnings } = await read(`${line(1)}\n${bad}\n${line(0.5)}`)
    expect(value).toHaveLength(2)
    expect(warnings).toEqual([`1 lines of ${path} are not deploy records and were left out`])
  })

  it('says when it knows nothing of the service', async () => {
    expect((await read(line(1, { service: 'checkout' }))).warnings).toEqual([`no line of ${path} is about inference`])
    expect((await read('')).value).toEqual([])
  })

  it('reads the end of a long one, and says when that does not reach back far enough', async () => {
    const padding = 'x'.repeat(200)
    const rows = Array.from({ length: 8_000 }, (_, i) => line(9 - i / 1_000, { padding }))
    const { value, warnings } = await read(rows.join('\n'))
    expect(value.at(-1)?.at).toBe(NOW - 1.001 * HOUR_MS)
    expect(value.length).toBeGreaterThan(3_000)
    expect(value.length).toBeLessThan(5_000)
    expect(warnings).toEqual([`${path} is long: what was read does not reach back to the start of the window`])
    const old = Array.from({ length: 8_000 }, (_, i) => line(900 - i / 10, { padding }))
    expect((await read([...old, line(1)].join('\n'))).warnings).toEqual([])
  })

  it('never fails on what stands in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.string(), fc.json()), { maxLength: 10 }), async (rows) => {
        expect((await read(rows.join('\n'))).value).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  it.each([join(folder, 'nowhere'), folder])('that cannot be read is out of reach', async (wrong) => {
    const source = opened(deployLog, { path: wrong })
    expect(await failureOf(source.probe(inTime()))).toMatchObject({ kind: 'unreachable', source: 'source' })
  })
})
