import type { Death } from './system.ts'

/** What happened to the fleet, for whoever wants to know the truth afterwards. */
export interface Chronicle {
  readonly deaths: Death[]
  /** Replicas in rotation that were up, at each scrape. */
  readonly sizes: { readonly at: number; readonly up: number }[]
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
