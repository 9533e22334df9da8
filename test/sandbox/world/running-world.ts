import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ModelServingOptions, ModelServingWorld } from '../../../src/sandbox/world/index.ts'
import { startModelServingWorld } from '../../../src/sandbox/world/index.ts'

/** A world whose pods start at once, for as long as `use` takes. */
export async function withWorld(
  options: Partial<ModelServingOptions>,
  use: (world: ModelServingWorld) => Promise<void>,
): Promise<void> {
  const world = await startModelServingWorld({
    podStartMs: 30,
    podStopMs: 20,
    paceMs: 50,
    incidentNumber: 1,
    ...options,
  })
  try {
    await use(world)
  } finally {
    await world.stop()
  }
}

/** The one value that a query gives now. */
export async function measured(world: ModelServingWorld, query: string): Promise<number> {
  const response = await fetch(`${world.prometheus.url}/api/v1/query?${new URLSearchParams({ query }).toString()}`)
  // The shape of an instant query's answer; a wrong one fails the test below.
  const { data } = (await response.json()) as { data?: { result: { value: [number, string] }[] } }
  const [only, another] = data?.result ?? []
  if (only === undefined || another !== undefined) throw new Error(`Not one value: ${query}`)
  return Number(only.value[1])
}

/** A gate that gives one answer to everything and remembers what it was asked, for as long as `use` takes. */
export async function withGate(
  status: number,
  body: object,
  use: (gate: { readonly url: string; readonly asked: readonly string[] }) => Promise<void>,
): Promise<void> {
  const asked: string[] = []
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url} ${req.headers.authorization}`)
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address object.
  const { port } = server.address() as AddressInfo
  try {
    await use({ url: `http://127.0.0.1:${port}`, asked })
  } finally {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
}
