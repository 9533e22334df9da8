import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { canonicalJson, decodeRecord, encodeRecord } from '../../src/store/record-json.ts'

// An undefined field named like an inherited method is, to toEqual, not the same as a missing one.
const key = fc.string().filter((name) => !(name in Object.prototype))

/** What domain records are made of: no null, undefined anywhere. */
const record = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.boolean(),
    fc.constant(undefined),
    fc.array(tie('value')),
    fc.dictionary(key, tie('value')),
  ),
})).value

describe('records as JSON', () => {
  it('come back equal, gaps in arrays included', () => {
    fc.assert(
      fc.property(record, (value) => {
        const whole = { value }
        expect(decodeRecord(encodeRecord(whole))).toEqual(whole)
      }),
    )
    expect(decodeRecord(encodeRecord({ points: [[1, undefined], undefined] }))).toStrictEqual({
      points: [[1, undefined], undefined],
    })
  })

  it.each([
    ['NaN', { a: { b: [1, Number.NaN] } }, 'record.a.b[1] is NaN'],
    ['Infinity', { a: Number.NEGATIVE_INFINITY }, 'record.a is -Infinity'],
    ['a date', { at: new Date(0) }, 'record.at is a Date'],
    ['a map', [new Map()], 'record[0] is a Map'],
    ['a function', { f: () => 1 }, 'record.f is a function'],
    ['a bigint', { n: 1n }, 'record.n is a bigint'],
  ])('refuse %s by name and place', (_what, value, message) => {
    expect(() => encodeRecord(value)).toThrow(new TypeError(`${message}, which cannot be stored.`))
    expect(() => canonicalJson(value)).toThrow(TypeError)
  })
})

describe('canonical JSON', () => {
  it.each([
    [{ b: 1, a: [true, undefined, 'é'], c: undefined }, '{"a":[true,null,"é"],"b":1}'],
    [
      { 10: 'x', 9: 'y', '\u20ac': 1, '\r': 2, '\ud83d\ude00': 3, '\ufb33': 4 },
      '{"\\r":2,"10":"x","9":"y","€":1,"😀":3,"\ufb33":4}',
    ],
    [[1e21, 0.000001, -0, 4.5, 1e-7], '[1e+21,0.000001,0,4.5,1e-7]'],
    [[], '[]'],
  ])('of %j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  it('does not depend on the order of keys, and survives storing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), record), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse())
        expect(canonicalJson(reversed)).toBe(canonicalJson(value))
        expect(canonicalJson(decodeRecord(encodeRecord(value)))).toBe(canonicalJson(value))
      }),
    )
  })
})
