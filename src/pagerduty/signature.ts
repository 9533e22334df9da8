import { createHmac, timingSafeEqual } from 'node:crypto'

const MAX_HEADER_LENGTH = 4096
/** PagerDuty sends one entry per active secret; a rotation has two. */
const MAX_ENTRIES = 32
const SHA256_HEX = /^[0-9a-f]{64}$/i

/**
 * Whether `header` (`X-PagerDuty-Signature`) proves that PagerDuty sent exactly `rawBody`.
 * PagerDuty signs with every active secret, and we may know several during a rotation, so any match is valid.
 * Takes the same time whichever secret matches. Never throws. https://developer.pagerduty.com/docs/verifying-signatures
 */
export function verifySignature(rawBody: Buffer, header: string | undefined, secrets: readonly string[]): boolean {
  const offered = offeredDigests(header)
  if (offered.length === 0) return false
  let matches = 0
  for (const secret of secrets) {
    // Anyone can sign with an empty secret.
    if (secret === '') continue
    const expected = createHmac('sha256', secret).update(rawBody).digest()
    for (const digest of offered) matches += timingSafeEqual(expected, digest) ? 1 : 0
  }
  return matches > 0
}

function offeredDigests(header: string | undefined): Buffer[] {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return []
  const entries = header.split(',', MAX_ENTRIES).map((entry) => entry.trim())
  return entries
    .filter((entry) => entry.startsWith('v1=') && SHA256_HEX.test(entry.slice(3)))
    .map((entry) => Buffer.from(entry.slice(3), 'hex'))
}
