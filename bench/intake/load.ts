import { connect, type Socket } from 'node:net'
import type { LoadOrder, LoadResult } from './load-message.ts'
import { webhookRequests } from './webhooks.ts'

/**
 * Sends webhooks and counts what comes back. A process of its own, so that it takes nothing from the server but its core; written on bare
 * sockets, so that it can ask for more than the server can give.
 */
const STATUS = /^HTTP\/1\.1 (\d{3})/
const LENGTH = /content-length: (\d+)/i

process.on('message', (order: LoadOrder) => {
  void run(order).then((result) => process.send?.(result))
})
process.once('disconnect', () => process.exit(0))

async function run(order: LoadOrder): Promise<LoadResult> {
  const requests = webhookRequests(order.plan, `127.0.0.1:${order.port}`)
  const lines = await Promise.all(Array.from({ length: order.connections }, () => openLine(order.port)))
  const others: Record<number, number> = {}
  const latenciesMs: number[] = []
  let accepted = 0
  let next = 0
  const began = performance.now()
  const end = began + order.forMs

  async function sendOne(line: Line, request: Buffer, from: number): Promise<void> {
    const status = await line.ask(request)
    latenciesMs.push(performance.now() - from)
    if (status === 202) accepted += 1
    else others[status] = (others[status] ?? 0) + 1
  }

  /** The next answer calls for the next request. */
  async function keepBusy(line: Line): Promise<void> {
    while (performance.now() < end) {
      const request = requests[next++]
      if (request === undefined) return
      await sendOne(line, request, performance.now())
      if (line.broken) line.reopen()
    }
  }

  /** Each connection sends when its turn has come; a server that is late finds the next ones waiting. */
  async function keepPace(line: Line, perSecond: number): Promise<void> {
    for (;;) {
      const index = next++
      const request = requests[index]
      const at = began + (index * 1_000) / perSecond
      if (request === undefined || at > end) return
      const wait = at - performance.now()
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      await sendOne(line, request, at)
      if (line.broken) line.reopen()
    }
  }

  const { perSecond } = order
  await Promise.all(lines.map((line) => (perSecond === undefined ? keepBusy(line) : keepPace(line, perSecond))))
  const tookMs = performance.now() - began
  for (const line of lines) line.close()
  return { accepted, others, tookMs, latenciesMs: latenciesMs.sort((one, other) => one - other) }
}

interface Line {
  readonly broken: boolean
  /** Resolves with the answer's status; 0 when the connection breaks. One at a time. */
  ask(request: Buffer): Promise<number>
  reopen(): void
  close(): void
}

async function openLine(port: number): Promise<Line> {
  let answered: ((status: number) => void) | undefined
  let text = ''
  let broken = false
  let socket = dial()

  function dial(): Socket {
    const dialled = connect({ port, host: '127.0.0.1', noDelay: true })
    dialled.setEncoding('latin1')
    dialled.on('data', (chunk: string) => read(chunk))
    dialled.on('error', () => undefined)
    dialled.on('close', () => {
      if (dialled !== socket) return
      broken = true
      settle(0)
    })
    return dialled
  }

  function read(chunk: string): void {
    text += chunk
    const headEnd = text.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const length = Number(LENGTH.exec(text)?.[1] ?? 0)
    if (text.length < headEnd + 4 + length) return
    const status = Number(STATUS.exec(text)?.[1] ?? 0)
    text = ''
    settle(status)
  }

  function settle(status: number): void {
    const told = answered
    answered = undefined
    told?.(status)
  }

  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve())
    socket.once('error', reject)
  })
  return {
    get broken() {
      return broken
    },
    ask: (request) =>
      new Promise((resolve) => {
        answered = resolve
        if (broken) settle(0)
        else socket.write(request)
      }),
    reopen() {
      socket.destroy()
      broken = false
      text = ''
      socket = dial()
    },
    close: () => socket.destroy(),
  }
}
