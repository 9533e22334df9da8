import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** A way to a backend on which every answer takes at least so long, and on which what passes is counted. */
export interface Door {
  readonly url: string
  /** Bytes of all answers' bodies so far. */
  readonly bytes: number
  /** When each request came and when its answer had been sent, as performance.now() says it, in the order of the answers. */
  readonly passages: readonly { readonly cameAt: number; readonly leftAt: number }[]
  stop(): Promise<void>
}

export async function openDoor(target: string, takesMs: number): Promise<Door> {
  const passages: { cameAt: number; leftAt: number }[] = []
  const agent = new http.Agent({ keepAlive: true })
  let bytes = 0
  const server = http.createServer((req, res) => {
    const cameAt = performance.now()
    const asked = http.request(target + (req.url ?? '/'), { method: req.method, agent }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const body = Buffer.concat(chunks)
        setTimeout(
          () => {
            bytes += body.length
            res.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] ?? 'text/plain' })
            res.end(body)
            passages.push({ cameAt, leftAt: performance.now() })
          },
          Math.max(0, cameAt + takesMs - performance.now()),
        )
      })
    })
    asked.on('error', () => res.destroy())
    req.pipe(asked)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    // A TCP server that is listening has an address object.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get bytes() {
      return bytes
    },
    passages,
    async stop() {
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
