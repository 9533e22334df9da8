import type { Logger } from '../pipeline/ports.ts'
import { toSlackError } from './errors.ts'

/** What is used of Bolt's Socket Mode client, with its own reconnecting switched off. */
export interface SocketClient {
  /** Resolves once Slack has said hello. */
  start(): Promise<unknown>
  disconnect(): Promise<unknown>
  on(event: 'disconnected', listener: () => void): unknown
}

export interface SocketConnection {
  readonly isConnected: () => boolean
  /** Connects and stays connected. Rejects when Slack refuses the token; a Slack that is out of reach is tried again and again. */
  connect(): Promise<void>
  disconnect(): Promise<void>
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
const HELLO_MS = 20_000
/** The closing handshake with a Slack that is gone takes the client 30 s. */
const GOODBYE_MS = 2_000

/**
 * Keeps a Socket Mode connection. The client's own way of reconnecting waits five seconds each time Slack renews a connection, and when Slack
 * cannot be asked for a new one it rejects a promise that nobody holds, which would end the process.
 */
export function createSocketConnection(client: SocketClient, log: Logger): SocketConnection {
  let connected = false
  let stopped = false
  let attempting = false
  let timer: NodeJS.Timeout | undefined

  async function attempt(): Promise<void> {
    attempting = true
    try {
      await within(client.start(), HELLO_MS)
      connected = true
      log.info({}, 'Connected to Slack')
    } catch (error) {
      // An attempt that was given up must not succeed beside the next one.
      client.disconnect().catch(() => undefined)
      throw error
    } finally {
      attempting = false
    }
  }

  function keepTrying(waitMs: number): void {
    if (stopped || attempting) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      attempt().catch((error: unknown) => {
        const failure = toSlackError(error, 'apps.connections.open')
        log.warn({ err: failure }, 'Slack cannot be connected to; trying again')
        keepTrying(Math.min(Math.max(2 * waitMs, failure.retryAfterMs ?? 0), LONGEST_WAIT_MS))
      })
    }, waitMs)
  }

  client.on('disconnected', () => {
    connected = false
    // While an attempt is under way, the client reports its failure twice: here and by rejecting.
    if (!attempting) keepTrying(0)
  })

  return {
    isConnected: () => connected,
    async connect() {
      try {
        await attempt()
      } catch (error) {
        const failure = toSlackError(error, 'apps.connections.open')
        if (failure.kind === 'refused') throw failure
        log.warn({ err: failure }, 'Slack cannot be connected to; trying again')
        keepTrying(FIRST_WAIT_MS)
      }
    },
    async disconnect() {
      stopped = true
      clearTimeout(timer)
      await within(client.disconnect(), GOODBYE_MS).catch((error: unknown) =>
        log.debug({ err: error }, 'Slack was not told goodbye'),
      )
    },
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DOMException(`No answer within ${ms} ms`, 'TimeoutError')), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
