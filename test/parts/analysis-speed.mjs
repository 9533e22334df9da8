import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { deserialize } from 'node:v8'

// Measures the compiled analysis in a process of its own. Arguments: the compiled sources, a file of serialized series.
// Prints one JSON object of milliseconds.
const [compiled = '', file = ''] = process.argv.slice(2)
const from = (path) => import(`${pathToFileURL(compiled).href}/${path}`)
const { analyzeMemory } = await from('analysis/memory/index.js')
const { createAnalysisPool } = await from('cli/analysis-pool.js')

const SERIES = 1000
const ROUNDS = 5
const kinds = deserialize(readFileSync(file))
const series = Array.from({ length: SERIES }, (_, i) => kinds[i % kinds.length])

/** The fastest of a few runs of each kind, because other programs can only make a run slower. */
function oneByOne() {
  const best = kinds.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < 4 * ROUNDS; round++) {
    for (const [i, one] of kinds.entries()) {
      const began = performance.now()
      analyzeMemory(one)
      best[i] = Math.min(best[i], performance.now() - began)
    }
  }
  best.sort((a, b) => a - b)
  return { mean: best.reduce((sum, ms) => sum + ms, 0) / best.length, p95: best[Math.floor(0.95 * best.length)] }
}

function meanCpu() {
  const began = process.cpuUsage()
  for (const one of series) analyzeMemory(one)
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000 / SERIES
}

/** The first round includes the start of the threads. */
async function allAtOnce() {
  const pool = createAnalysisPool()
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    await new Promise((resolve) => setTimeout(resolve, 50))
    delay.reset()
    const began = performance.now()
    const verdicts = await pool.analyzeMany(series)
    const wall = performance.now() - began
    await new Promise((resolve) => setTimeout(resolve, 5))
    delay.disable()
    if (verdicts.length !== SERIES) throw new Error(`Only ${verdicts.length} of ${SERIES} series were answered.`)
    rounds.push({ wall, stall: delay.max / 1e6 })
  }
  await pool.close()
  return rounds
}

const { mean, p95 } = oneByOne()
const cpu = meanCpu()
const rounds = await allAtOnce()
const first = rounds[0].wall
const wall = Math.min(...rounds.map((round) => round.wall))
const stall = Math.min(...rounds.map((round) => round.stall))
const worstStall = Math.max(...rounds.map((round) => round.stall))
process.stdout.write(JSON.stringify({ mean, p95, cpu, first, wall, stall, worstStall }))
