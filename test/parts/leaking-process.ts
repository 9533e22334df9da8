import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, collectDefaultMetrics, Registry } from 'prom-client'

/**
 * A process that keeps hold of a buffer with every deploy, and serves its `/metrics`. Speaks with its parent over IPC: says
 * `{ port }` once it listens, and `{ deploys, retainedBytes }` after every deploy. Argument: bytes per deploy, ms between deploys.
 */
const [bytesPerDeploy = 0, everyMs = 1_000] = process.argv.slice(2).map(Number)

const registry = new Registry()
// process_resident_memory_bytes, process_start_time_seconds and what else a real service shows.
collectDefaultMetrics({ register: registry })
const deploys = new Counter({ name: 'model_deploys_total', help: 'Models deployed.', registers: [registry] })

const retained: Buffer[] = []

function deploy(): void {
  // Pages that nobody has written to are not resident.
  retained.push(Buffer.alloc(bytesPerDeploy, retained.length + 1))
  deploys.inc()
  process.send?.({ deploys: retained.length, retainedBytes: retained.reduce((sum, one) => sum + one.length, 0) })
}

const server = createServer((_req, res) => {
  void registry.metrics().then((text) => res.writeHead(200, { 'content-type': registry.contentType }).end(text))
})
server.listen(0, '127.0.0.1', () => {
  // A listening TCP server has an address object.
  process.send?.({ port: (server.address() as AddressInfo).port })
})
// Irregular, as people deploy, so that deploys and the clock can be told apart.
const gaps = [0.3, 0.5, 2.2, 0.4, 1.8, 0.3, 2.5, 0.6, 0.4, 1]
function next(index: number): void {
  setTimeout(
    () => {
      deploy()
      next(index + 1)
    },
    everyMs * (gaps[index % gaps.length] ?? 1),
  )
}
process.once('message', () => next(0))
process.once('disconnect', () => process.exit())
