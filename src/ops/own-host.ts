import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/** What a proxy leaves on what it passes on; whoever asked it may be anywhere. */
const PROXIED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'] as const

/**
 * Whether a request was made on this host and meant for it. A connection from here is not enough: a proxy beside incbot makes one for everybody, and
 * so does a browser for a page whose own name was made to lead here (DNS rebinding), which shows in the `Host` header alone. `name` is
 * the host that the port listens on, which may be a name.
 */
export function isFromThisHost({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>, name = ''): boolean {
  const { remoteAddress = '', localAddress } = socket
  const isLoopback = /^(?:::ffff:)?127\.|^::1$/.test(remoteAddress)
  const isHere = isLoopback || (remoteAddress !== '' && remoteAddress === localAddress)
  return isHere && PROXIED.every((header) => headers[header] === undefined) && isOwnName(headers.host, name)
}

/** An address cannot be rebound; of names only our own count. */
function isOwnName(host: string | undefined, name: string): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) return false
  const { hostname } = new URL(`http://${host}`)
  return isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 || hostname === 'localhost' || hostname === name.toLowerCase()
}
