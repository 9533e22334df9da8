import { clamp } from './numbers.ts'
import type { Fit } from './posterior.ts'
import { HORIZON_HOURS } from './time-to-limit.ts'

export const LOWEST_CONFIDENCE = 0.03
const HIGHEST_CONFIDENCE = 0.97
/** Confidence from which a verdict is given; chosen so that about 2 % of healthy series are called a leak, and 5 % suspected. */
export const CONFIRMED_FROM = 0.6
export const SUSPECTED_FROM = 0.22

/** That the series leaks: the leak models' share of the evidence, lowered where nobody would have to act on it. */
export function leakConfidence(fits: readonly Fit[], hoursToLimit: number): number {
  const share = fits.reduce((sum, { model, cautiousWeight }) => sum + (model.driver ? cautiousWeight : 0), 0)
  const faraway = hoursToLimit > HORIZON_HOURS ? 0.3 : 1
  return clamp(share * faraway, LOWEST_CONFIDENCE, HIGHEST_CONFIDENCE)
}
