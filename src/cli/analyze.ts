import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Interval, MemorySeries, MemoryVerdict } from '../analysis/memory/index.ts'
import { type AnalysisPool, createAnalysisPool } from './analysis-pool.ts'

const BYTES_PER_MB = 1_000_000
/** Lines read before the first of them is written: enough for every thread, and few enough to bound memory. */
const MOST_UNWRITTEN = 128

const values = z.array(z.number().nullable()).nullish()

/** One case per line. Times are seconds, memory is MB; `null` is a missing sample, or a series that is not known. */
const caseSchema = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  t: z.array(z.number()),
  mem: z.array(z.number().nullable()),
  limit_mb: z.number().positive(),
  rps: values,
  deploys_total: values,
  evictions_total: values,
  process_start: values,
  cache_max_size: z.number().nullish(),
})

type Case = z.infer<typeof caseSchema>

/**
 * Reads memory series as JSON lines and writes one verdict line for each, in the same order; `docs` describes both formats.
 * A line that cannot be read becomes `{"line": n, "error": …}` in its place, and the rest goes on, so that one bad export does
 * not cost the others. Empty lines are skipped.
 */
export async function analyze(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<void> {
  const pool = createAnalysisPool()
  const unwritten: Promise<void>[] = []
  let number = 0
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++
      if (line.trim() === '') continue
      const written = writeAfter(unwritten.at(-1), answer(line, number, pool), output)
      // A failure is met below, by whoever waits for this line or a later one.
      written.catch(() => {})
      unwritten.push(written)
      if (unwritten.length > MOST_UNWRITTEN) await unwritten.shift()
    }
    await unwritten.at(-1)
  } finally {
    await pool.close()
  }
}

async function writeAfter(
  previous: Promise<void> | undefined,
  answered: Promise<object>,
  output: NodeJS.WritableStream,
): Promise<void> {
  const [result] = await Promise.all([answered, previous])
  if (!output.write(`${JSON.stringify(result)}\n`)) await once(output, 'drain')
}

async function answer(line: string, number: number, pool: AnalysisPool): Promise<object> {
  const read = readCase(line)
  if (typeof read === 'string') return { line: number, error: `Line ${number} is not a memory series: ${read}` }
  try {
    return { id: read.id ?? number, ...verdictLine(await pool.analyze(toSeries(read))) }
  } catch (error) {
    return { line: number, error: `Line ${number}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** The case, or what is wrong with it. */
function readCase(line: string): Case | string {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch (error) {
    return `it is not JSON (${error instanceof Error ? error.message : String(error)}). Write one object per line.`
  }
  const parsed = caseSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return `${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'unexpected'}. Expected t (seconds), mem (MB or null) and limit_mb.`
  }
  return misshapen(parsed.data) ?? parsed.data
}

function misshapen(read: Case): string | undefined {
  const { t, mem, rps, deploys_total, evictions_total, process_start } = read
  const series = { mem, rps, deploys_total, evictions_total, process_start }
  const odd = Object.entries(series).find(([, list]) => list && list.length !== t.length)
  if (odd) return `${odd[0]} has ${odd[1]?.length} values but t has ${t.length}. Write null for missing samples.`
  const back = t.findIndex((time, i) => i > 0 && time <= (t[i - 1] ?? time))
  return back < 0 ? undefined : `t[${back}] is not later than the value before it. Sort the samples by time.`
}

function toSeries(read: Case): MemorySeries {
  const optional = (list: Case['rps']) => list?.map((value) => value ?? undefined)
  const rps = optional(read.rps)
  const deploys = optional(read.deploys_total)
  const evictions = optional(read.evictions_total)
  const starts = read.process_start?.map((value) => (value === null ? undefined : value * 1000))
  return {
    at: read.t.map((seconds) => seconds * 1000),
    bytes: read.mem.map((mb) => (mb === null ? undefined : mb * BYTES_PER_MB)),
    limitBytes: read.limit_mb * BYTES_PER_MB,
    ...(rps && { requestsPerSecond: rps }),
    ...(deploys && { deploysTotal: deploys }),
    ...(evictions && { evictionsTotal: evictions }),
    ...(starts && { processStartAt: starts }),
    ...(typeof read.cache_max_size === 'number' && { cacheMaxSize: read.cache_max_size }),
  }
}

const DRIVER = { deploys: 'deploy', time: 'time', requests: 'requests' } as const

function verdictLine(verdict: MemoryVerdict): object {
  const leak = verdict.verdict === 'confirmed'
  return {
    leak,
    suspected: leak || verdict.verdict === 'suspected',
    confidence: verdict.confidence,
    driver: verdict.likeliestDriver ? DRIVER[verdict.likeliestDriver] : null,
    driver_certain: verdict.driver !== 'cannot-separate',
    mb_per_hour: megabytes(verdict.bytesPerHour),
    mb_per_deploy: megabytes(verdict.bytesPerDeploy),
    mb_per_deploy_ci: pair(verdict.bytesPerDeployInterval, BYTES_PER_MB),
    hours_to_limit: verdict.hoursToLimit ?? null,
    hours_to_limit_interval: pair(verdict.hoursToLimitInterval, 1),
    explanation: verdict.explanation,
  }
}

function megabytes(bytes: number | undefined): number | null {
  return bytes === undefined ? null : bytes / BYTES_PER_MB
}

function pair(interval: Interval | undefined, unit: number): readonly [number, number] | null {
  return interval ? [interval.low / unit, interval.high / unit] : null
}
