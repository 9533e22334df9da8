import { randomBytes, randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { identity } from './workspace.ts'

const ackDeadlineMs = 3000
const goodbyeMs = 250
const pingEveryMs = 10_000
/** Slack's limit of connections per app. */
const maxConnections = 10

export interface Envelope {
  readonly envelope_id: string
  readonly type: 'slash_commands' | 'interactive' | 'events_api'
  readonly payload: unknown
  readonly accepts_response_payload: boolean
  readonly retry_attempt?: number
  readonly retry_reason?: string
}

/** The payload of the ack as JSON, empty when it had none; or why there was no ack. */
export type EnvelopeAnswer = { readonly body: string } | { readonly failure: 'timeout' | 'unreachable' }

/** Socket Mode: one-time addresses, `hello`, envelopes in turn over all open connections, acks within 3 s. */
export class SocketMode {
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #tickets = new Set<string>()
  readonly #sockets: WebSocket[] = []
  readonly #waiting = new Map<string, { readonly socket: WebSocket; settle(answer: EnvelopeAnswer): void }>()
  #turn = 0

  attach(server: Server): void {
    server.on('upgrade', (req, socket, head) => {
      const url = new URL(req.url ?? '/', 'http://slack')
      const isKnown = url.pathname === '/link/' && this.#tickets.delete(url.searchParams.get('ticket') ?? '')
      if (!isKnown || this.#sockets.length >= maxConnections) {
        socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
        return
      }
      this.#server.handleUpgrade(req, socket, head, (client) => this.#welcome(client))
    })
  }

  /** A web socket address that works once. */
  openConnection(baseUrl: string): string {
    const ticket = randomBytes(16).toString('hex')
    this.#tickets.add(ticket)
    return `${baseUrl.replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${identity.appId}`
  }

  get connections(): number {
    return this.#sockets.length
  }

  /** Sends one envelope over one connection and waits for its ack. */
  send(envelope: Envelope): Promise<EnvelopeAnswer> {
    const open = this.#sockets.filter(({ readyState }) => readyState === WebSocket.OPEN)
    const socket = open[this.#turn++ % open.length]
    if (!socket) return Promise.resolve({ failure: 'unreachable' })
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle({ failure: 'timeout' }), ackDeadlineMs)
      const settle = (answer: EnvelopeAnswer): void => {
        clearTimeout(timer)
        this.#waiting.delete(envelope.envelope_id)
        resolve(answer)
      }
      this.#waiting.set(envelope.envelope_id, { socket, settle })
      socket.send(JSON.stringify(envelope))
    })
  }

  /** Asks every client to reconnect, as Slack does every few hours. */
  refresh(): void {
    for (const socket of this.#sockets) socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }))
  }

  /** Says goodbye first: the official client waits 30 s for a close handshake that a dead peer never finishes. */
  async stop(): Promise<void> {
    await Promise.all(this.#sockets.map(farewell))
    for (const waiting of [...this.#waiting.values()]) waiting.settle({ failure: 'unreachable' })
    this.#server.close()
  }

  #welcome(socket: WebSocket): void {
    this.#sockets.push(socket)
    const pings = setInterval(() => socket.ping(), pingEveryMs)
    pings.unref()
    socket.on('message', (data: Buffer) => this.#receive(data.toString()))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      clearInterval(pings)
      this.#sockets.splice(this.#sockets.indexOf(socket), 1)
      for (const waiting of [...this.#waiting.values()])
        if (waiting.socket === socket) waiting.settle({ failure: 'unreachable' })
    })
    const info = { type: 'hello', num_connections: this.#sockets.length, connection_info: { app_id: identity.appId } }
    socket.send(JSON.stringify({ ...info, debug_info: { host: 'sandbox', approximate_connection_time: 18_060 } }))
  }

  #receive(frame: string): void {
    let ack: { readonly envelope_id?: string; readonly payload?: unknown } | null
    try {
      ack = JSON.parse(frame)
    } catch {
      return
    }
    const hasPayload = Object.keys(ack?.payload ?? {}).length > 0
    this.#waiting.get(ack?.envelope_id ?? '')?.settle({ body: hasPayload ? JSON.stringify(ack?.payload) : '' })
  }
}

function farewell(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => socket.terminate(), goodbyeMs)
    socket.once('close', () => {
      clearTimeout(impatience)
      resolve()
    })
    socket.close(1001)
  })
}

export function newEnvelopeId(): string {
  return randomUUID()
}
