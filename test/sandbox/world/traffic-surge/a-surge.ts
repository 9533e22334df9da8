import {
  startTrafficSurgeWorld,
  type TrafficSurgeOptions,
  type TrafficSurgeWorld,
} from '../../../../src/sandbox/world/index.ts'

/** The world of the second incident, for as long as `use` takes. */
export async function withSurge(
  use: (world: TrafficSurgeWorld) => Promise<void>,
  options: Partial<TrafficSurgeOptions> = {},
): Promise<void> {
  const world = await startTrafficSurgeWorld({ podStopMs: 20, paceMs: 50, incidentNumber: 1, ...options })
  try {
    await use(world)
  } finally {
    await world.stop()
  }
}

/** The one value that a query gives now. */
export async function measured({ metricsUrl }: TrafficSurgeWorld, query: string): Promise<number> {
  const parameters = new URLSearchParams({ query, time: String(Date.now() / 1_000) })
  const response = await fetch(`${metricsUrl}/api/v1/query?${parameters.toString()}`)
  // The shape of an instant query's answer; a wrong one fails the test below.
  const { data } = (await response.json()) as { data?: { result: { value: [number, string] }[] } }
  const [only, another] = data?.result ?? []
  if (only === undefined || another !== undefined) throw new Error(`Not one value: ${query}`)
  return Number(only.value[1])
}

/** How far a value is off what is expected, as a share of it. */
export const off = (value: number, expected: number): number => Math.abs(value / expected - 1)
