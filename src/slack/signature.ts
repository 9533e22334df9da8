import { createHmac, timingSafeEqual } from 'node:crypto'

/** Slack's window against replays, and our own against clocks (or attackers) that are ahead. */
const WINDOW_SECONDS = 300

/**
 * Why a request does not count as Slack's; undefined when it does. HMAC-SHA256 of `v0:<timestamp>:<raw body>`, compared in constant time;
 * docs.slack.dev, "Verifying requests from Slack". `now` is ms since the epoch.
 */
export function signatureProblem(
  secret: string,
  headers: { readonly signature: string | undefined; readonly timestamp: string | undefined },
  body: Buffer,
  now: number,
): 'forged' | 'stale' | undefined {
  const { signature = '', timestamp = '' } = headers
  if (!/^\d{1,12}$/.test(timestamp)) return 'forged'
  const expected = Buffer.from(
    `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`,
  )
  const given = Buffer.from(signature)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'forged'
  return Math.abs(now / 1000 - Number(timestamp)) > WINDOW_SECONDS ? 'stale' : undefined
}
