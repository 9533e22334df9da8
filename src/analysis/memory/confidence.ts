import type { Fit } from './evidence.ts'
import type { Growth } from './growth.ts'
import { clamp } from './numbers.ts'
import { HORIZON_HOURS } from './time-to-limit.ts'

export const LOWEST_CONFIDENCE = 0.03
export const HIGHEST_CONFIDENCE = 0.97
export const CONFIRMED_FROM = 0.5
export const SUSPECTED_FROM = 0.15

export interface Doubts {
  readonly tailRatio: number
  readonly hoursToLimit: number
}

/** That the series leaks: the leak models' share of the evidence, lowered for each thing that a real leak would not show. */
export function leakConfidence(fits: readonly Fit[], growth: Growth, { tailRatio, hoursToLimit }: Doubts): number {
  const share = fits.reduce((sum, { model, weight }) => sum + (model.driver ? weight : 0), 0)
  const stopped = tailRatio < 0.25 ? 0.2 : 1
  const vague = growth.perUnitError > 0.5 * growth.perUnit ? 0.5 : 1
  const faraway = hoursToLimit > HORIZON_HOURS ? 0.3 : 1
  const tiny = growth.percentPerHour * growth.hours < 1 ? 0.3 : 1
  return clamp(share * stopped * vague * faraway * tiny, LOWEST_CONFIDENCE, HIGHEST_CONFIDENCE)
}
