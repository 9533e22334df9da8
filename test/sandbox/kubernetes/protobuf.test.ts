import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decodeProtobuf } from '../../../src/sandbox/kubernetes/http/protobuf.ts'
import { ApiError } from '../../../src/sandbox/kubernetes/status-error.ts'

const field = (number: number, content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content)
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length % 128) + 128, bytes.length >> 7]
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), bytes])
}
const body = (...parts: Buffer[]): Buffer => {
  const typeMeta = field(1, Buffer.concat([field(1, 'policy/v1'), field(2, 'Eviction')]))
  return Buffer.concat([Buffer.from('k8s\0'), typeMeta, field(2, Buffer.concat(parts))])
}

const outcome = (bytes: Buffer): string => {
  try {
    decodeProtobuf('Eviction', bytes)
    return 'decoded'
  } catch (error) {
    return error instanceof ApiError ? String(error.status.code) : String(error)
  }
}

describe('a protobuf body', () => {
  it('decodes to what its JSON would be, unknown fields left out', () => {
    const metadata = field(1, Buffer.concat([field(1, 'web-1'), field(3, 'default'), field(9, 'unknown')]))
    const options = field(2, Buffer.concat([Buffer.from([8, 0xac, 0x02]), field(4, 'Background'), field(5, 'All')]))
    expect(decodeProtobuf('Eviction', body(metadata, options))).toEqual({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'web-1', namespace: 'default' },
      deleteOptions: { gracePeriodSeconds: 300, propagationPolicy: 'Background', dryRun: ['All'] },
    })
  })

  it('is decoded or refused with 400, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(outcome(Buffer.concat([Buffer.from('k8s\0'), bytes]))).toMatch(/^(decoded|400)$/)
      }),
    )
  })
})
