import type { ServerResponse } from 'node:http'
import type { Faults } from './faults.ts'
import type { Fault } from './types.ts'

/** An HTTP answer that was decided but not sent yet. */
export interface Reply {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  /** Whether the call did what it was asked to. */
  readonly ok: boolean
  readonly error?: string
}

export function jsonReply(
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const error = typeof body.error === 'string' ? body.error : undefined
  return {
    status,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    ok: body.ok === true,
    ...(error !== undefined && { error }),
  }
}

export function textReply(status: number, body: string): Reply {
  const ok = status === 200
  return { status, body, headers: { 'content-type': 'text/plain; charset=utf-8' }, ok, ...(!ok && { error: body }) }
}

/**
 * Runs a call and sends its reply, unless a fault was ordered for it. Without an answer the connection stays open until
 * the caller gives up or the stand-in stops. `accept_then_timeout` waits for a call that succeeds. Returns what the caller
 * got to know, for the log of calls.
 */
export async function replyOrSuffer(
  res: ServerResponse,
  faults: Faults,
  name: string,
  run: () => Promise<Reply> | Reply,
): Promise<{ readonly ok: boolean; readonly error?: string }> {
  const fault = faults.peek(name)
  if (fault !== undefined && fault !== 'accept_then_timeout') {
    faults.spend(name)
    return sufferInstead(res, fault)
  }
  const reply = await run()
  if (fault === 'accept_then_timeout' && reply.ok) {
    faults.spend(name)
    return { ok: true, error: 'injected_accept_then_timeout' }
  }
  send(res, reply)
  return { ok: reply.ok, ...(reply.error !== undefined && { error: reply.error }) }
}

function sufferInstead(
  res: ServerResponse,
  fault: Exclude<Fault, 'accept_then_timeout'>,
): { readonly ok: false; readonly error: string } {
  if (fault === 'timeout') return { ok: false, error: 'injected_timeout' }
  if (fault === 'reset') {
    res.socket?.resetAndDestroy()
    return { ok: false, error: 'injected_reset' }
  }
  const { status, body = JSON.stringify({ ok: false, error: status === 429 ? 'ratelimited' : 'internal_error' }) } =
    fault
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' }
  if (fault.retryAfter !== undefined) headers['retry-after'] = String(fault.retryAfter)
  send(res, { status, body, headers, ok: false })
  return { ok: false, error: `injected_http_${status}` }
}

function send(res: ServerResponse, { status, body, headers }: Reply): void {
  res.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
  res.end(body)
}
