const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** How long, in words a tired person reads at once: "21 min", "3.8 h". Takes milliseconds. */
export function describeDuration(ms: number): string {
  return ms < 2 * HOUR ? `${Math.round(ms / MINUTE)} min` : `${(ms / HOUR).toFixed(1)} h`
}
