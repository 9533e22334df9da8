const UNITS: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, MiB: 2 ** 20, GiB: 2 ** 30 }
/** "Increasing 2.3 GB/hour", "+500 MiB/h", "grows by 2.3 GB per hour". */
const RATE = /(\d+(?:\.\d+)?) ?(MB|GB|MiB|GiB) ?(?:\/|per) ?h(?:our|r)?\b/i

/** A memory growth that an alert states in words, bytes per hour; undefined where none does. */
export function statedGrowth(texts: readonly string[]): number | undefined {
  for (const text of texts) {
    const [, amount, unit] = RATE.exec(text.slice(0, 2_000)) ?? []
    const factor = Object.entries(UNITS).find(([name]) => name.toLowerCase() === unit?.toLowerCase())?.[1]
    if (amount !== undefined && factor !== undefined) return Number(amount) * factor
  }
  return undefined
}
