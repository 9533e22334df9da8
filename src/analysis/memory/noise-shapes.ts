/** Correlated noise on top of uncorrelated noise, with total variance 1. */
export interface NoiseShape {
  /** Correlation of the wandering part between neighbouring slices. */
  readonly rho: number
  /** Share of the variance that wanders; the rest is new at every observation. */
  readonly wander: number
}

/** Wander that stays correlated for longer than this counts as growth. */
const LONGEST_WANDER_HOURS = 1.5

/** The shapes that between them come close to any other. */
const FIRST: readonly NoiseShape[] = [
  { rho: 0, wander: 0 },
  { rho: 0.6, wander: 1 },
  { rho: 0.88, wander: 1 },
  { rho: 0.94, wander: 0.6 },
]
const REST: readonly NoiseShape[] = [
  { rho: 0.35, wander: 1 },
  { rho: 0.78, wander: 1 },
  { rho: 0.78, wander: 0.6 },
  { rho: 0.78, wander: 0.25 },
  { rho: 0.88, wander: 0.6 },
  { rho: 0.88, wander: 0.25 },
  { rho: 0.94, wander: 1 },
  { rho: 0.94, wander: 0.25 },
  { rho: 0.97, wander: 1 },
  { rho: 0.97, wander: 0.6 },
  { rho: 0.97, wander: 0.25 },
]

/** The shapes of noise to try, for slices of this width: first a few, then the rest. */
export function noiseShapes(sliceHours: number): {
  readonly first: readonly NoiseShape[]
  readonly rest: readonly NoiseShape[]
} {
  const longest = Math.exp(-sliceHours / LONGEST_WANDER_HOURS)
  const possible = ({ rho }: NoiseShape) => rho <= longest
  return { first: FIRST.filter(possible), rest: REST.filter(possible) }
}
