import { createHash, timingSafeEqual } from 'node:crypto'

/** Who may ask the gate. */
export interface GateToken {
  readonly name: string
  readonly token: string
}

const MAX_TOKEN_LENGTH = 1_000

/**
 * Reads `Authorization: Bearer …` (RFC 6750) against the known tokens. Returns the name of the token's holder, undefined where nobody's
 * token was given. Digests are compared, all of them, so that time tells neither how much of a token is right nor its length.
 */
export function bearerCheck(tokens: readonly GateToken[]): (authorization: string | undefined) => string | undefined {
  const known = tokens.filter(({ token }) => token !== '').map(({ name, token }) => ({ name, digest: digest(token) }))
  return (authorization) => {
    const given = /^bearer +(\S+) *$/i.exec(authorization?.slice(0, MAX_TOKEN_LENGTH) ?? '')?.[1] ?? ''
    const offered = digest(given)
    return known.filter((one) => timingSafeEqual(one.digest, offered))[0]?.name
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
