import type { ByteUnits } from '../domain/chart.ts'
import type { Finding } from '../domain/finding.ts'
import { formatHours } from '../domain/finding.ts'
import { formatBytes } from '../domain/units.ts'

/** A level that moved by less than this share of the limit did not go down. */
const FREED = 0.05

/**
 * What a restart bought, from the findings before and after it. The first growth after a restart is the cache filling up again: it is told
 * apart from the leak, not extrapolated. The time to the limit is what remains above a full cache at the rate measured before, with that
 * rate's interval. Empty where memory was not the matter, or too little is known.
 */
export function followUp(
  before: readonly Finding[],
  after: readonly Finding[],
  units: ByteUnits,
  { frozen }: { readonly frozen: boolean },
): { readonly relieved: boolean; readonly says: readonly string[] } {
  const was = factsOf(before)
  const is = factsOf(after)
  const level = is('memory-trend', 'level')
  const limit = is('memory-trend', 'limit')
  const levelBefore = was('memory-trend', 'level')
  if (level === undefined || limit === undefined || levelBefore === undefined) return { relieved: false, says: [] }
  const freed = levelBefore.value - level.value
  const relieved = freed >= FREED * limit.value
  return { relieved, says: sentences({ was, is, level, limit, levelBefore, relieved, frozen, units }) }
}

function sentences({
  was,
  is,
  level,
  limit,
  levelBefore,
  relieved,
  frozen,
  units,
}: {
  readonly was: ReturnType<typeof factsOf>
  readonly is: ReturnType<typeof factsOf>
  readonly level: Figure
  readonly limit: Figure
  readonly levelBefore: Figure
  readonly relieved: boolean
  readonly frozen: boolean
  readonly units: ByteUnits
}): readonly string[] {
  const bytes = (value: number) => formatBytes(value, units)
  const freed = levelBefore.value - level.value
  if (!relieved)
    return [`Memory did not go down (${bytes(levelBefore.value)} → ${bytes(level.value)}): the restart bought nothing.`]
  const growth = was('memory-trend', 'growthPerHour')
  const refill = refillBytes(is)
  const room = limit.value - level.value - refill
  if (growth === undefined || !(growth.value > 0) || !(room > 0)) return [`${bytes(freed)} freed.`]
  const interval =
    growth.interval && growth.interval.low > 0
      ? ` [${formatHours(room / growth.interval.high)} to ${formatHours(room / growth.interval.low)}]`
      : ''
  const filling =
    refill > 0
      ? ` The cache filling up again takes about ${bytes(refill)} of that room and is no leak: do not extrapolate it.`
      : ''
  const outlook = frozen
    ? 'While the freeze holds, memory should stop growing once the cache is full; if it does not, this diagnosis is wrong.'
    : 'Deploys are not frozen: each goes on adding to it.'
  return [
    `${bytes(freed)} freed; the cause is still there.${filling}`,
    `If deploys go on as before, the limit is about ${formatHours(room / growth.value)} away${interval}. ${outlook}`,
  ]
}

interface Figure {
  readonly value: number
  readonly interval?: { readonly low: number; readonly high: number }
}

function factsOf(findings: readonly Finding[]): (check: string, id: string) => Figure | undefined {
  return (check, id) => {
    const fact = findings
      .find((one) => one.check === check && one.verdict !== 'unknown')
      ?.facts.find((one) => one.id === id)
    return typeof fact?.value === 'number'
      ? { value: fact.value, ...(fact.interval && { interval: fact.interval }) }
      : undefined
  }
}

/** What the cache may still rightfully take. */
function refillBytes(is: ReturnType<typeof factsOf>): number {
  const configured = is('cache-residency', 'configured')?.value
  const resident = is('cache-residency', 'resident')?.value
  const size = is('cache-residency', 'perModel')?.value
  if (configured === undefined || resident === undefined || size === undefined) return 0
  return Math.max(0, configured - resident) * size
}
