import { createHmac } from 'node:crypto'

/**
 * Slack's v0 signature: HMAC-SHA256 over `v0:<timestamp>:<raw body>`.
 * See docs.slack.dev, "Verifying requests from Slack"; its published example is a test vector of this function.
 */
export function signature(signingSecret: string, timestampSeconds: number | string, body: string): string {
  return `v0=${createHmac('sha256', signingSecret).update(`v0:${timestampSeconds}:${body}`).digest('hex')}`
}

/** Headers of a signed delivery, as Slack sends them. */
export function signedHeaders(
  signingSecret: string,
  nowMs: number,
  contentType: 'application/x-www-form-urlencoded' | 'application/json',
  body: string,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000))
  return {
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    accept: 'application/json,*/*',
    'content-type': contentType,
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': signature(signingSecret, timestamp, body),
  }
}

/**
 * Form encoding byte for byte as Slack's servers do it (PHP's `http_build_query`): blanks become `+`, and only letters,
 * digits, `-`, `_` and `.` stay as they are. A verifier that re-encodes the body instead of hashing it raw fails on this.
 */
export function formEncode(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&')
}

function encode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}
