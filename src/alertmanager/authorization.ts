import { createHash, timingSafeEqual } from 'node:crypto'

const MAX_HEADER_LENGTH = 2_000

/**
 * Whether `Authorization` carries one of the tokens: as `Bearer <token>`, or as the password of `Basic` with any user name. Alertmanager's
 * `http_config` knows both. Several are valid at once, so that they can be changed one side at a time. Digests are compared, all of them, so
 * that time tells neither how much of a token is right nor its length. https://prometheus.io/docs/alerting/latest/configuration/#http_config
 */
export function tokenCheck(tokens: readonly string[]): (authorization: string | undefined) => boolean {
  const known = tokens.filter((token) => token !== '').map(digest)
  return (authorization) => {
    const offered = digest(credentialIn(authorization?.slice(0, MAX_HEADER_LENGTH) ?? ''))
    return known.filter((one) => timingSafeEqual(one, offered)).length > 0
  }
}

/** Empty where there is none, which no token is. */
function credentialIn(header: string): string {
  const [, scheme = '', credentials = ''] = /^(bearer|basic) +(\S+) *$/i.exec(header) ?? []
  if (scheme.toLowerCase() !== 'basic') return credentials
  const userAndPassword = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = userAndPassword.indexOf(':')
  return colon < 0 ? '' : userAndPassword.slice(colon + 1)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
