import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { httpJson } from '../../src/checks/http-json.ts'
import { JSON_POINTER, resolvePointer } from '../../src/checks/json-pointer.ts'
import { aContext, answer } from './a-context.ts'
import { runCheck, written } from './run-check.ts'

const DOCUMENT = {
  queue: { length: 120 },
  state: 'degraded',
  ready: false,
  list: [1, 2],
  nothing: null,
  odd: { length: { toString: 0 } },
}
const WHERE = { source: 'models', path: '/status', what: 'Queue length' }
const context = (document: unknown = DOCUMENT) => aContext({ json: async () => answer(document) })

describe('a value in a document', () => {
  it.each([
    ['above its limit', '/queue/length', { above: 100 }, 'problem', 'Queue length is 120, above 100'],
    ['not above its limit', '/queue/length', { above: 120 }, 'clear', 'Queue length is 120, not above 120'],
    ['below its limit', '/list/1', { below: 3 }, 'problem', 'Queue length is 2, below 3'],
    ['equal to what is wrong', '/state', { equals: 'degraded' }, 'problem', 'Queue length is “degraded”'],
    ['another than what is wrong', '/state', { equals: 'down' }, 'clear', 'Queue length is “degraded”'],
    ['another than what is right', '/ready', { differsFrom: true }, 'problem', 'Queue length is false, not true'],
    ['what is right', '/ready', { differsFrom: false }, 'clear', 'Queue length is false'],
    ['a number that is right', '/queue/length', { differsFrom: 120 }, 'clear', 'Queue length is 120'],
    ['a text that looks like the number', '/queue/length', { equals: '120' }, 'clear', 'Queue length is 120'],
  ])('%s', async (_what, pointer, limits, verdict, headline) => {
    const body = await runCheck(httpJson, context(), { ...WHERE, pointer, ...limits })
    expect(body).toMatchObject({ verdict, headline })
  })

  it('emits what the runbook calls it', async () => {
    const signal = { group: 'queue', problem: 'long', clear: 'short' }
    const body = await runCheck(httpJson, context(), {
      ...WHERE,
      pointer: '/queue/length',
      above: 100,
      unit: 'count',
      severity: 'high',
      signal,
    })
    expect(body).toMatchObject({ severity: 'high', signals: { queue: 'long' } })
    expect(written(body)).toEqual({ value: '120', threshold: '100' })
  })

  it.each([
    ['nowhere', '/queue/size', { above: 1 }, 'missing'],
    ['no number', '/state', { above: 1 }, 'bad-answer'],
    ['null', '/nothing', { equals: 'x' }, 'bad-answer'],
    ['a list', '/list', { differsFrom: 1 }, 'bad-answer'],
    ['a length that cannot be compared', '/odd', { equals: 'x' }, 'bad-answer'],
  ])('is unknown where it is %s', async (_what, pointer, limits, kind) => {
    await expect(runCheck(httpJson, context(), { ...WHERE, pointer, ...limits })).rejects.toMatchObject({ kind })
  })

  it.each([
    ['no limit', { pointer: '/a' }, 'expected above or below for a number, or else equals or differsFrom'],
    ['limits of both kinds', { pointer: '/a', above: 1, equals: 2 }, 'expected above or below for a number, or else'],
    ['both equalities', { pointer: '/a', equals: 1, differsFrom: 2 }, 'not both'],
    ['a pointer without its slash', { pointer: 'a/b', above: 1 }, 'RFC 6901'],
    ['a tilde that escapes nothing', { pointer: '/a~2', above: 1 }, 'RFC 6901'],
    ['a path without its slash', { pointer: '/a', above: 1, path: 'status' }, 'a path that begins with /'],
  ])('is refused with %s', (_what, change, message) => {
    const parsed = httpJson.parameters.safeParse({ ...WHERE, ...change })
    expect(JSON.stringify(parsed.error?.issues)).toContain(message)
  })
})

describe('a JSON pointer', () => {
  // The examples of RFC 6901, section 5, and of its section 4 the order in which escapes are undone.
  const rfc = {
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'c%d': 2,
    'e^f': 3,
    'g|h': 4,
    'i\\j': 5,
    'k"l': 6,
    ' ': 7,
    'm~n': 8,
    '~1': 9,
  }

  it.each([
    ['', rfc],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
    ['/~01', 9],
  ])('%j resolves as RFC 6901 says', (pointer, value) => {
    expect(JSON_POINTER.test(pointer)).toBe(true)
    expect(resolvePointer(rfc, pointer)).toEqual({ found: true, value })
  })

  it.each(['/foo/2', '/foo/-', '/foo/00', '/foo/length', '/nothing', '/constructor', '/__proto__', '/foo/0/0', '//x'])(
    '%j names nothing',
    (pointer) => {
      expect(resolvePointer(rfc, pointer)).toEqual({ found: false })
    },
  )

  it('finds whatever lies at a path, whatever its names are', () => {
    const key = fc.string({ unit: 'binary', maxLength: 6 })
    fc.assert(
      fc.property(fc.array(key, { maxLength: 5 }), fc.jsonValue(), (path, value) => {
        const document = path.reduceRight<unknown>((inside, name) => Object.fromEntries([[name, inside]]), value)
        const pointer = path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
        expect(JSON_POINTER.test(pointer)).toBe(true)
        expect(resolvePointer(document, pointer)).toEqual({ found: true, value })
      }),
    )
  })
})
