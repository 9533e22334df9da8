import { connect, type Socket } from 'node:net'

/** A connection on which a test says exactly what it wants. */
export interface RawConnection {
  readonly socket: Socket
  write(bytes: string | Uint8Array): void
  /** Resolves when the server has closed the connection, with all that it said. */
  readonly closed: Promise<string>
  readonly said: () => string
}

export async function rawConnection(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  let said = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    said += text
  })
  // A cut connection is one of the answers that tests wait for.
  socket.on('error', () => undefined)
  const closed = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(said))
  })
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  return { socket, write: (bytes) => void socket.write(bytes), closed, said: () => said }
}

/** The status codes of all answers in what a server said. */
export function statusesIn(said: string): number[] {
  return [...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
