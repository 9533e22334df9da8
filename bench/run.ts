import { footprint } from './footprint/footprint.ts'
import { intakeIntoRedis } from './intake/redis.ts'
import { intakeIntoSqlite } from './intake/sqlite.ts'
import { latency } from './latency/latency.ts'
import { isKept, type Measurement, report } from './report.ts'
import { seriesGrowth } from './series/series.ts'
import { redisMemory } from './state/redis-memory.ts'
import { routing } from './state/routing.ts'
import { stateGrowth } from './state/state.ts'

/** Runs everything, or what is named on the command line, one after the other. Exit 1 when a bar is missed. */
const PARTS: Readonly<Record<string, () => Promise<readonly Measurement[]>>> = {
  'intake-sqlite': intakeIntoSqlite,
  'intake-redis': intakeIntoRedis,
  footprint,
  latency,
  series: seriesGrowth,
  state: stateGrowth,
  'redis-memory': redisMemory,
  routing,
}

const chosen = process.argv.slice(2)
const measurements: Measurement[] = []
for (const [name, measure] of Object.entries(PARTS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  process.stderr.write(`bench: ${name} …\n`)
  measurements.push(...(await measure()))
}
process.stdout.write(report(measurements))
process.exitCode = measurements.every(isKept) ? 0 : 1
