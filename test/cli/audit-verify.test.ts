import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { auditVerify } from '../../src/cli/audit.ts'
import { aCommit, anEntry, anIncident } from '../contract/records.ts'
import { leased } from '../contract/store/harness.ts'
import { aBot, anOutput, aStore, dataDir, envOf, exported, HASH, headOf, record, verified } from './audit-world.ts'

describe('incbot audit verify', () => {
  async function anExport(): Promise<readonly string[]> {
    const store = await aStore()
    await record(store)
    await store.close()
    return (await exported()).lines
  }
  const textOf = (lines: readonly (string | undefined)[]) => lines.map((line) => `${line}\n`).join('')

  it('finds an export as it was recorded, with every head that it ever had', async () => {
    const lines = await anExport()
    const heads = lines.map(headOf)
    const { code, out } = await verified(textOf(lines), heads)
    expect(code).toBe(0)
    expect(out.slice(0, 2)).toEqual([
      `pd-Q1: ok, 5 entries, head ${heads[4]?.[1]}`,
      `pd-Q2: ok, 5 entries, head ${heads[9]?.[1]}`,
    ])
    expect(out.slice(2, 4)).toEqual([
      `pd-Q1: head ${heads[0]?.[1]} is in the chain`,
      `pd-Q1: head ${heads[1]?.[1]} is in the chain`,
    ])
    expect(out.at(-1)).toBe('All is as it was recorded.')
    expect((await verified(textOf(lines).trimEnd())).code).toBe(0)
  })

  it('finds the records themselves as they are, while a bot runs and while none does', async () => {
    const { store, server } = await aBot()
    const live = await verified(undefined, [], server)
    expect([live.code, live.out.length]).toEqual([0, 3])
    await server.stop(0)
    await store.close()
    expect(await verified(undefined)).toEqual(live)
  })

  it.each<[string, (lines: readonly string[]) => readonly (string | undefined)[], string]>([
    [
      'one byte that was changed',
      (lines) => lines.map((line, index) => (index === 2 ? line.replace('approved', 'approvee') : line)),
      'pd-Q1: entry 3 is changed, missing or out of place (line 3)',
    ],
    [
      'one digit of a hash',
      (lines) => lines.map((line, index) => (index === 7 ? line.replace(/"hash":"./, '"hash":"x') : line)),
      'pd-Q2: entry 3 is changed, missing or out of place (line 8)',
    ],
    [
      'something that was added to an entry',
      (lines) => lines.map((line, index) => (index === 2 ? line.replace('{', '{"note":"fine",') : line)),
      'pd-Q1: entry 3 is changed, missing or out of place (line 3)',
    ],
    [
      'an entry that was taken out',
      (lines) => lines.toSpliced(1, 1),
      'pd-Q1: entry 2 is changed, missing or out of place (line 2)',
    ],
    [
      'the first entry that was taken out',
      (lines) => lines.slice(1),
      'pd-Q1: entry 1 is changed, missing or out of place (line 1)',
    ],
    [
      'two entries that were exchanged',
      (lines) => lines.toSpliced(2, 2, lines[3] ?? '', lines[2] ?? ''),
      'pd-Q1: entry 3 is changed, missing or out of place (line 3)',
    ],
    [
      'an entry that was doubled',
      (lines) => lines.toSpliced(3, 0, lines[2] ?? ''),
      'pd-Q1: entry 4 is changed, missing or out of place (line 4)',
    ],
    [
      'an entry that was moved to another incident',
      (lines) => lines.map((line, index) => (index === 4 ? line.replace('"pd-Q1"', '"pd-Q2"') : line)),
      'pd-Q2: entry 1 is changed, missing or out of place (line 5)',
    ],
    [
      'a line that is no JSON any more',
      (lines) => lines.map((line, index) => (index === 3 ? line.slice(1) : line)),
      'line 4 is no entry of a timeline',
    ],
    ['a line of something else', (lines) => [...lines, '{"incidentId":"pd-Q1"}'], 'line 11 is no entry of a timeline'],
  ])('finds %s', async (_what, change, said) => {
    const { code, out } = await verified(textOf(change(await anExport())))
    expect(code).toBe(1)
    expect(out).toContain(said)
    expect(out.at(-1)).toBe('This is not what was recorded.')
  })

  it('finds by its head alone that an end was cut off', async () => {
    const lines = await anExport()
    const cut = textOf(lines.slice(0, 8))
    expect((await verified(cut)).code).toBe(0)
    const [, end] = headOf(lines[9])
    const { code, out } = await verified(cut, [
      ['pd-Q1', headOf(lines[4])[1]],
      ['pd-Q2', end],
    ])
    expect(code).toBe(1)
    expect(out).toContain(`pd-Q2: head ${end} is not in the chain: what stood there was cut off or rewritten`)
    expect(out).toContain(`pd-Q1: head ${headOf(lines[4])[1]} is in the chain`)
  })

  it('finds by its head alone that an end was written anew', async () => {
    const lines = await anExport()
    const [, end] = headOf(lines[4])
    rmSync(join(dataDir(), 'incbot.db'))
    const store = await aStore()
    const lease = await leased(store)
    const timeline = ['opened', 'asked', 'never', 'ever', 'at all'].map((text) => anEntry(text))
    await store.commit(aCommit(lease, { incident: anIncident({ id: 'pd-Q1' }), timeline }))
    await store.close()
    expect((await verified(undefined)).code).toBe(0)
    const { code, out } = await verified(undefined, [['pd-Q1', end]])
    expect([code, out[1]]).toEqual([
      1,
      `pd-Q1: head ${end} is not in the chain: what stood there was cut off or rewritten`,
    ])
  })

  it('finds by its head alone that a whole incident is gone, even if it was the only one', async () => {
    const lines = await anExport()
    const head = headOf(lines[9])
    for (const left of [lines.slice(0, 5), []]) {
      const { code, out } = await verified(textOf(left), [head])
      expect(code).toBe(1)
      expect(out).toContain(`pd-Q2: head ${head[1]} is not there: nothing is left of this incident`)
    }
  })

  it('does not take a head behind the first broken entry for one that is in the chain', async () => {
    const lines = await anExport()
    const { out } = await verified(textOf(lines.toSpliced(1, 1)), [headOf(lines[4])])
    expect(out).toContain(
      `pd-Q1: head ${headOf(lines[4])[1]} is not in the chain: what stood there was cut off or rewritten`,
    )
  })

  it('takes heads with any number of digits from 12 on', async () => {
    const lines = await anExport()
    const { hash } = HASH.parse(JSON.parse(lines[4] ?? ''))
    for (const head of [hash.slice(0, 12), hash.slice(0, 16).toUpperCase(), hash])
      expect((await verified(textOf(lines), [['pd-Q1', `5:${head}`]])).code).toBe(0)
  })

  it.each<[string, readonly (readonly [string, string])[], string]>([
    ['too few digits', [['pd-Q1', '5:0123456789a']], 'at least 12 digits'],
    ['no number', [['pd-Q1', '0123456789abcdef']], 'SEQUENCE:HASH'],
    ['something else', [['pd-Q1', 'incbot ref 0123456789ab']], 'SEQUENCE:HASH'],
  ])('cannot tell by a head with %s', async (_what, heads, said) => {
    const { code, err } = await verified(textOf(await anExport()), heads)
    expect([code, err]).toEqual([2, expect.stringContaining(said)])
  })

  it('cannot tell by a head whose incident is not said', async () => {
    const output = anOutput()
    expect(await auditVerify({ heads: ['5:0123456789abcdef'], incidents: [] }, envOf(), output)).toBe(2)
    expect(output.told.err).toContain('Each --head needs the --incident that it belongs to')
  })

  it('does not call it good when there was nothing to verify', async () => {
    expect(await verified('\n')).toMatchObject({ code: 2, err: expect.stringContaining('nothing was verified') })
    const output = anOutput()
    const file = join(dataDir(), 'nowhere.jsonl')
    expect(await auditVerify({ file, heads: [], incidents: [] }, envOf(), output)).toBe(2)
    expect(output.told.err).toContain('nowhere.jsonl cannot be read')
  })
})
