import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { analyzeMemory, type MemorySeries } from '../../src/analysis/memory/index.ts'
import { type AnalysisPool, createAnalysisPool } from '../../src/cli/analysis-pool.ts'
import { aSeries } from '../analysis/memory/a-series.ts'

/** More than are done without threads. */
const CROWD = 100

describe('a pool of analysis threads', () => {
  let folder = ''
  let pool: AnalysisPool

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'incbot-pool-'))
    writeFileSync(deaths(), '')
    const script = join(folder, 'worker.mjs')
    copyFileSync(new URL('dying-worker.mjs', import.meta.url), script)
    pool = createAnalysisPool({ script: pathToFileURL(script), most: 3 })
  })

  afterEach(async () => {
    await pool.close()
    rmSync(folder, { recursive: true })
  })

  const deaths = () => join(folder, 'deaths')

  it('starts no thread for a few series, and lets the event loop turn between them', async () => {
    const series = [aSeries({ perHour: 2 }), aSeries(), aSeries({ perHour: 3 })]
    let turns = 0
    const counting = setInterval(() => turns++, 0)
    const verdicts = await pool.analyzeMany(series)
    clearInterval(counting)
    expect(verdicts).toEqual(series.map((one) => analyzeMemory(one)))
    expect(turns).toBeGreaterThan(0)
  })

  it('answers a crowd in the order it was asked', async () => {
    expect(await levels(limits(CROWD))).toEqual(limits(CROWD))
  })

  it('does the work of a thread that died again', async () => {
    const asked = limits(CROWD)
    asked[40] = 7
    expect(await levels(asked)).toEqual(asked)
    expect(readFileSync(deaths(), 'utf8')).toBe('x')
  })

  it('gives up a series over which two threads died, and only that one', async () => {
    const asked = limits(CROWD)
    asked[40] = 13
    const settled = await Promise.allSettled(asked.map((limitBytes) => pool.analyze(aQuick(limitBytes))))
    const failed = settled.flatMap((one, i) => (one.status === 'rejected' ? [[i, String(one.reason)]] : []))
    expect(failed).toEqual([[40, expect.stringMatching(/Two threads died over this series \(.*out of memory/)]])
  })

  it('says of threads that cannot start why', async () => {
    const broken = createAnalysisPool({ script: pathToFileURL(join(folder, 'missing.mjs')) })
    await expect(broken.analyzeMany(limits(CROWD).map(aQuick))).rejects.toThrow(/missing\.mjs/)
    await broken.close()
  })

  it('rejects what is in hand when it is closed', async () => {
    const answers = Promise.allSettled(limits(CROWD).map((limitBytes) => pool.analyze(aQuick(limitBytes))))
    await pool.close()
    const reasons = (await answers).map((one) => (one.status === 'rejected' ? String(one.reason) : 'answered'))
    expect(new Set(reasons)).toEqual(new Set(['Error: The analysis was ended before this series had its turn.']))
  })

  async function levels(asked: readonly number[]): Promise<readonly number[]> {
    const verdicts = await pool.analyzeMany(asked.map(aQuick))
    return verdicts.map(({ levelBytes }) => levelBytes)
  }
})

function limits(count: number): number[] {
  return Array.from({ length: count }, (_, i) => 100 + i)
}

function aQuick(limitBytes: number): MemorySeries {
  return { at: [0, 60_000], bytes: [1, undefined], limitBytes }
}
