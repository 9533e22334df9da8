import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { TlsIdentity } from '../http.ts'

/** Encodes one DER value: tag, length, content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const octets = (content: Uint8Array): Buffer => der(0x04, content)
const utcTime = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))

const COMMON_NAME = Buffer.from([0x06, 0x03, 0x55, 0x04, 0x03])
const ECDSA_WITH_SHA256 = Buffer.from([0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])
const SUBJECT_ALT_NAME = Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x11])
const BASIC_CONSTRAINTS = Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x13])
const DAY_MS = 86_400_000

/**
 * A fresh key and self-signed certificate (X.509 v3, RFC 5280) for 127.0.0.1 and localhost, valid for ten years around
 * `nowMs`; it is its own authority. kubectl sends tokens over TLS only, which is why the stand-in needs one.
 */
export function selfSignedIdentity(nowMs: number): TlsIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('kubernetes stand-in')))))
  const addresses = sequence(der(0x87, Buffer.from([127, 0, 0, 1])), der(0x82, Buffer.from('localhost')))
  const extensions = sequence(
    sequence(SUBJECT_ALT_NAME, octets(addresses)),
    sequence(BASIC_CONSTRAINTS, der(0x01, Buffer.from([0xff])), octets(sequence(der(0x01, Buffer.from([0xff]))))),
  )
  const serial = randomBytes(8)
  // The first byte keeps the serial number positive and free of leading zeros.
  serial[0] = 0x40
  const certificate = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    sequence(ECDSA_WITH_SHA256),
    name,
    sequence(utcTime(nowMs - 1 * DAY_MS), utcTime(nowMs + 3650 * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const signature = sign('sha256', certificate, privateKey)
  const signed = sequence(certificate, sequence(ECDSA_WITH_SHA256), der(0x03, Buffer.from([0]), signature))
  const lines = signed.toString('base64').replace(/(.{64})/g, '$1\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.trimEnd()}\n-----END CERTIFICATE-----\n`,
  }
}
