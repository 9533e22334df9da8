import { createHmac } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { verifySignature } from '../../src/pagerduty/signature.ts'

const body = Buffer.from('{"event":{"id":"01B"}}')
const signed = (secret: string, bytes: Buffer = body) => createHmac('sha256', secret).update(bytes).digest('hex')
const good = `v1=${signed('current')}`

describe('a PagerDuty signature', () => {
  it.each([
    ['the only entry is ours', good, ['current'], true],
    ['one of two entries is ours, during a rotation at PagerDuty', `v1=${signed('next')},${good}`, ['current'], true],
    ['one of two secrets is known to PagerDuty, during a rotation here', good, ['next', 'current'], true],
    ['entries are separated by comma and space', `v1=${signed('next')}, ${good}`, ['current'], true],
    ['the hex digits are capitals', `v1=${signed('current').toUpperCase()}`, ['current'], true],
    ['a later version stands beside it', `v2=abc,${good}`, ['current'], true],
    ['nobody configured a secret', good, [], false],
    ['it was made with another secret', good, ['other'], false],
    ['it was made with an empty secret that is also configured', `v1=${signed('')}`, [''], false],
    ['the header is missing', undefined, ['current'], false],
    ['the header is empty', '', ['current'], false],
    ['the version is missing', signed('current'), ['current'], false],
    ['the version is unknown', `v2=${signed('current')}`, ['current'], false],
    ['a digit is missing', good.slice(0, -1), ['current'], false],
    ['a digit is too many', `${good}0`, ['current'], false],
    ['a character is no digit', `${good.slice(0, -1)}g`, ['current'], false],
    ['the digits are of another alphabet', `v1=${'٠'.repeat(64)}`, ['current'], false],
    ['the right entry hides behind a flood of others', `${'v1=,'.repeat(1000)}${good}`, ['current'], false],
  ])('where %s', (_, header, secrets, valid) => {
    expect(verifySignature(body, header, secrets)).toBe(valid)
  })

  it('covers every byte of the body', () => {
    for (let index = 0; index < body.length; index += 1) {
      const changed = Buffer.from(body)
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(verifySignature(changed, good, ['current'])).toBe(false)
    }
  })

  it('covers bytes that are not text', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80])
    expect(verifySignature(bytes, `v1=${signed('current', bytes)}`, ['current'])).toBe(true)
  })

  it('costs little to refuse a huge header', () => {
    const began = performance.now()
    expect(verifySignature(body, `v1=${'a'.repeat(64)},`.repeat(100_000), ['current'])).toBe(false)
    expect(performance.now() - began).toBeLessThan(50)
  })

  it('is never found in random headers, which never make it throw', () => {
    const entry = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^v1=[0-9a-fA-F]{0,70}$/),
      fc.stringMatching(/^v[0-9]=[0-9a-f]{64}$/),
    )
    const header = fc.array(entry, { maxLength: 40 }).map((entries) => entries.join(','))
    fc.assert(
      fc.property(header, fc.uint8Array(), (text, bytes) => {
        expect(verifySignature(Buffer.from(bytes), text, ['current', 'next', ''])).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('is always found when it is there, whatever stands beside it', () => {
    const noise = fc.array(
      fc.string().filter((text) => !text.includes(',')),
      { maxLength: 10 },
    )
    fc.assert(
      fc.property(noise, noise, fc.uint8Array(), (before, after, bytes) => {
        const raw = Buffer.from(bytes)
        const header = [...before, `v1=${signed('current', raw)}`, ...after].join(',')
        expect(verifySignature(raw, header, ['next', 'current'])).toBe(true)
      }),
    )
  })
})
