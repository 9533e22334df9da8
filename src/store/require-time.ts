/** Returns a time or duration in ms as it is. Throws a TypeError for NaN and Infinity: databases would store or order them each in their own way. */
export function requireTime(ms: number): number {
  if (!Number.isFinite(ms)) throw new TypeError(`${ms} is not a time in ms, so it cannot be stored.`)
  return ms
}
