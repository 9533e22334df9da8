import { Readable, Writable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { analyze } from '../../src/cli/analyze.ts'

describe('incbot analyze', () => {
  it('answers each case with a verdict in the same order', async () => {
    const answers = await answersTo(line({ id: 'a', slope: 3 }), '', line({ id: 'b', slope: 0 }))
    expect(answers).toMatchObject([
      { id: 'a', leak: true, suspected: true, driver: 'time', driver_certain: true },
      { id: 'b', leak: false, suspected: false, driver: null, hours_to_limit: null },
    ])
    expect(answers[0]?.mb_per_hour).toBeCloseTo(30, -0.5)
  })

  it('takes missing series and missing samples', async () => {
    const answers = await answersTo(line({ slope: 3, rps: null, deploys_total: undefined, hole: true }))
    expect(answers).toMatchObject([{ id: 1, leak: true }])
  })

  it.each<[string, string, string]>([
    ['no JSON', '{"t": [', 'Line 2 is not a memory series: it is not JSON'],
    ['no memory', '{"t":[1],"limit_mb":5}', 'Line 2 is not a memory series: mem'],
    ['a limit of nothing', '{"t":[1],"mem":[1],"limit_mb":0}', 'Line 2 is not a memory series: limit_mb'],
    ['series of unequal length', '{"t":[1,2],"mem":[1],"limit_mb":5}', 'mem has 1 values but t has 2'],
    ['times out of order', '{"t":[2,1],"mem":[1,1],"limit_mb":5}', 't[1] is not later than the value before it'],
  ])('says what is wrong with a line that holds %s, and goes on', async (_, bad, message) => {
    const answers = await answersTo(line({ id: 'a', slope: 3 }), bad, line({ id: 'b', slope: 3 }))
    expect(answers).toMatchObject([{ id: 'a' }, { line: 2, error: expect.stringContaining(message) }, { id: 'b' }])
  })

  it('waits for a slow reader', async () => {
    const answers = await answersTo(...Array.from({ length: 40 }, (_, i) => line({ id: i, slope: 0 })))
    expect(answers.map(({ id }) => id)).toEqual(Array.from({ length: 40 }, (_, i) => i))
  })
})

function line({ slope, hole = false, ...rest }: { slope: number; hole?: boolean; [key: string]: unknown }): string {
  const t = Array.from({ length: 480 }, (_, i) => i * 60)
  const mem = t.map((seconds, i) => (hole && i % 7 === 0 ? null : 300 + ((slope * 10) / 3600) * seconds + (i % 5)))
  return JSON.stringify({ t, mem, limit_mb: 1000, ...rest })
}

async function answersTo(...lines: string[]): Promise<Record<string, number>[]> {
  let written = ''
  const output = new Writable({
    highWaterMark: 10,
    write(chunk, _, done) {
      written += String(chunk)
      setImmediate(done)
    },
  })
  await analyze(Readable.from([lines.join('\n')]), output)
  return written
    .trim()
    .split('\n')
    .map((answer) => JSON.parse(answer))
}
