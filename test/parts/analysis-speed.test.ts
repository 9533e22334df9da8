import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serialize } from 'node:v8'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { aSeries, type Story } from '../analysis/memory/a-series.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DAY = { minutes: 1440 }

/** What a fleet has: leaks of each driver, and what only looks like one. */
const STORIES: readonly Partial<Story>[] = [
  {},
  { perHour: 0.8 },
  { perDeploy: 0.5, deploysPerHour: 3 },
  { perDeploy: 0.5, deploysPerHour: 8, restartMinutes: [700] },
  { perMillionRequests: 0.4, traffic: { base: 400, ramp: 0, daily: 0.4 } },
  { traffic: { base: 400, ramp: 1, daily: 0 }, perRequestRate: 0.02 },
  { traffic: { base: 400, ramp: 0, daily: 0.4 }, perRequestRate: 0.03 },
  { coldStart: true, warmUp: 15 },
  { step: { minute: 800, by: 12 } },
  { collector: { minutes: 30, frees: 8 }, missing: 0.1 },
]

interface Figures {
  readonly mean: number
  readonly p95: number
  readonly cpu: number
  readonly first: number
  readonly wall: number
  readonly stall: number
  readonly worstStall: number
}

describe('the analysis of a thousand series of 1,440 samples, compiled', () => {
  const folder = mkdtempSync(join(tmpdir(), 'incbot-speed-'))
  let figures: Figures

  beforeAll(() => {
    const compiled = join(folder, 'dist')
    const where = ['--outDir', compiled, '--tsBuildInfoFile', join(folder, 'info')]
    execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json', ...where], { cwd: ROOT })
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    const series = Array.from({ length: 50 }, (_, seed) => aSeries({ ...DAY, ...STORIES[seed % STORIES.length], seed }))
    writeFileSync(join(folder, 'series'), serialize(series))
    const script = fileURLToPath(new URL('analysis-speed.mjs', import.meta.url))
    figures = JSON.parse(
      execFileSync(process.execPath, [script, compiled, join(folder, 'series')], { encoding: 'utf8' }),
    )
    process.stdout.write(`${report(figures)}\n`)
  }, 120_000)

  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  // The aims are 2 ms, 0.5 s and 20 ms on four free processors; the bounds leave room for a machine that does other things as well.
  it('takes two milliseconds at most for each', () => {
    expect(figures.mean).toBeLessThan(2)
    expect(figures.p95).toBeLessThan(4)
  })

  it('takes two seconds at most for all, on a busy machine', () => {
    expect(figures.wall).toBeLessThan(2000)
  })

  it('does not hold up the event loop of the process that asks', () => {
    expect(figures.stall).toBeLessThan(40)
  })
})

function report({ mean, p95, cpu, first, wall, stall, worstStall }: Figures): string {
  const ms = (value: number) => `${value.toFixed(2)} ms`
  return [
    `one series: ${ms(mean)} on average, p95 ${ms(p95)} (fastest of several runs of each); ${ms(cpu)} of processor time`,
    `1,000 series: ${ms(wall)}, the first time ${ms(first)} with the start of the threads`,
    `longest stall of the asking event loop: ${ms(stall)} in the best round, ${ms(worstStall)} in the worst`,
  ].join('\n')
}
