import type { ModelServingFacts } from '../../sandbox/world/index.ts'

/** One figure of the diagnosis beside the truth. */
export interface Compared {
  readonly what: string
  readonly truth: string
  /** The bot's own words for the figure; undefined where it does not state it. */
  readonly said: string | undefined
  /** Whether what was said is near enough. */
  readonly holds: boolean
}

/** Growth and steps within a tenth; a forecast within a factor of two; what is counted exactly. */
const NEAR = 0.1

/** Holds the text of a diagnosis against what is the case in the simulated service. */
export function compare(lines: readonly string[], facts: ModelServingFacts): readonly Compared[] {
  const text = lines.join('\n')
  const growth = /([\d.]+) ([MG])B\/h/.exec(text)
  const step = /([\d.]+) ([MG])B per deploy/.exec(text)
  const cache = /set to (\d+)\D{1,40}?(\d+)/.exec(text)
  const left = /\bleft\b[^.\n]{0,40}? ([\d.]+) (min|h)\b/.exec(text) ?? /\b([\d.]+) (min|h)(?: are)? left/.exec(text)
  return [
    {
      what: 'growth',
      truth: `${gigabytes(facts.bytesPerHour)}/h`,
      said: growth?.[0],
      holds: near(bytesIn(growth), facts.bytesPerHour),
    },
    {
      what: 'left behind by each deploy',
      truth: `${Math.round(facts.bytesPerDeploy / 1e6)} MB`,
      said: step?.[0],
      holds: near(bytesIn(step), facts.bytesPerDeploy),
    },
    {
      what: 'cache size and what is resident',
      truth: `${facts.cacheMaxSize} and ${facts.residentVersions}`,
      said: cache === null ? undefined : `${cache[1]} and ${cache[2]}`,
      holds: Number(cache?.[1]) === facts.cacheMaxSize && Number(cache?.[2]) === facts.residentVersions,
    },
    {
      what: 'time to the limit',
      truth: `${Math.round(facts.hoursToLimit * 60)} min`,
      said: left === null ? undefined : `${left[1]} ${left[2]}`,
      holds: withinFactorTwo(hoursIn(left), facts.hoursToLimit),
    },
  ]
}

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

function bytesIn(match: RegExpExecArray | null): number {
  return Number(match?.[1]) * (match?.[2] === 'M' ? 1e6 : 1e9)
}

function hoursIn(match: RegExpExecArray | null): number {
  return Number(match?.[1]) / (match?.[2] === 'min' ? 60 : 1)
}

function near(value: number, truth: number): boolean {
  return Math.abs(value / truth - 1) <= NEAR
}

function withinFactorTwo(value: number, truth: number): boolean {
  return value >= truth / 2 && value <= truth * 2
}
