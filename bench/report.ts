/** One promise that the bench holds incbot to. */
export interface Measurement {
  readonly name: string
  /** What was measured, with unit, for people. */
  readonly measured: string
  /** The limit of the same run, with unit. */
  readonly against: string
  readonly ratio: number
  readonly bar: number
  readonly better: 'higher' | 'lower'
}

export function isKept({ ratio, bar, better }: Measurement): boolean {
  return better === 'higher' ? ratio >= bar : ratio <= bar
}

/** A table for people, then one line of JSON for each measurement. */
export function report(measurements: readonly Measurement[]): string {
  const rows = measurements.map((one) => [
    isKept(one) ? 'ok' : 'MISSED',
    one.name,
    one.measured,
    one.against,
    one.ratio.toFixed(2),
    `${one.better === 'higher' ? '≥' : '≤'} ${one.bar}`,
  ])
  const table = [['', 'what', 'measured', 'against', 'ratio', 'bar'], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const json = measurements.map((one) =>
    JSON.stringify({ name: one.name, ratio: round(one.ratio), bar: one.bar, ok: isKept(one) }),
  )
  return `${[...lines, '', ...json].join('\n')}\n`
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}

/** The middle one; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** The value that a share of `sorted` does not exceed. NaN of none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
