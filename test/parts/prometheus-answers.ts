/** An HTTP answer of the query API, reduced to what is compared. */
export interface Answer {
  readonly status: number
  readonly errorType: string | undefined
  readonly data: unknown
  readonly text: string
}

export async function ask(url: string, path: string, parameters: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(`${url}${path}?${new URLSearchParams(parameters).toString()}`)
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  // The shape of the API's envelope; fields that are missing read as undefined.
  const envelope = (isJson ? JSON.parse(text) : {}) as { errorType?: string; data?: unknown }
  return { status: response.status, errorType: envelope.errorType, data: envelope.data, text }
}

const tolerance = 1e-9

/** Where `actual` departs from `expected`; empty when they agree. Series are paired by labels, unless `ordered`. */
export function differences(expected: Answer, actual: Answer, ordered: boolean): string[] {
  if (expected.status !== 200 || actual.status !== 200)
    return [
      `expected ${expected.status} ${expected.text.slice(0, 300)}`,
      `got ${actual.status} ${actual.text.slice(0, 300)}`,
    ]
  const left = flattened(expected.data, ordered)
  const right = flattened(actual.data, ordered)
  const found: string[] = []
  for (const [place, value] of left) {
    const other = right.get(place)
    if (other === undefined || !alike(value, other)) found.push(`${place}: ${value}, got ${other}`)
  }
  for (const [place, value] of right) if (!left.has(place)) found.push(`${place}: nothing, got ${value}`)
  return found.slice(0, 5)
}

/** Every value by its place: labels (or rank) and timestamp. */
function flattened(data: unknown, ordered: boolean): Map<string, string> {
  const found = new Map<string, string>()
  // As documented: https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats
  const { resultType, result } = data as { resultType: string; result: unknown }
  if (resultType === 'scalar' || resultType === 'string') {
    const [at, value] = result as [number, string]
    return found.set(`${resultType} @${at}`, value)
  }
  const series = result as { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[]
  for (const [rank, { metric, value, values }] of series.entries()) {
    const labels = JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const [at, sample] of values ?? (value ? [value] : []))
      found.set(`${resultType} ${ordered ? rank : ''}${labels} @${at}`, sample)
  }
  return found
}

function alike(expected: string, actual: string): boolean {
  if (expected === actual) return true
  const a = Number(expected)
  const b = Number(actual)
  return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b))
}
