import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createLogger, type LogLevel } from '../../src/ops/logger.ts'

function aLogger(secrets: readonly string[] = [], level: LogLevel = 'debug') {
  const lines: string[] = []
  const log = createLogger({ level, secrets, destination: { write: (line) => lines.push(line) } })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') }
}

describe('a log line', () => {
  it('is JSON with a time, a level in words, the fields and the sentence', () => {
    const { log, lines, last } = aLogger()
    log.info({ incident: 'pd-Q1', checks: 4 }, 'Diagnosed')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^\{.*\}\n$/)
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      incident: 'pd-Q1',
      checks: 4,
      msg: 'Diagnosed',
    })
  })

  it('is written from its level on', () => {
    const { log, lines } = aLogger([], 'warn')
    log.debug({}, 'a')
    log.info({}, 'b')
    log.warn({}, 'c')
    log.error({}, 'd')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['c', 'd'])
  })

  it('holds an error with its stack and its cause', () => {
    const { log, last } = aLogger()
    log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'Failed')
    expect(last().err).toMatchObject({ message: 'outer: inner', stack: expect.stringContaining('caused by') })
  })
})

describe('secrets', () => {
  const SECRET = 'p@ss/w"o\\rd+1'

  it.each([
    ['in the sentence', {}, `token is ${SECRET}`],
    ['in a field', { url: `https://a/?key=${SECRET}` }, 'x'],
    ['percent-encoded', { url: `https://a/?key=${encodeURIComponent(SECRET)}` }, 'x'],
    ['deep inside', { a: [{ b: { c: `x${SECRET}y` } }] }, 'x'],
    ['as a name', { [SECRET]: 1 }, 'x'],
    ['in an error and its cause', { err: new Error('x', { cause: new Error(SECRET) }) }, 'x'],
    ['in an error’s own field', { err: Object.assign(new Error('x'), { config: { key: SECRET } }) }, 'x'],
    ['in JSON inside a text', { body: JSON.stringify({ a: SECRET }) }, 'x'],
  ])('are hidden %s', (_, fields, message) => {
    const { log, lines, last } = aLogger([SECRET, 'other'])
    log.info(fields, message)
    expect(lines[0]).not.toContain('p@ss')
    expect(lines[0]).not.toContain(encodeURIComponent('p@ss'))
    expect(JSON.stringify(last())).toContain('[secret]')
  })

  it('are hidden although they are numbers, and the line stays JSON', () => {
    const { log, last } = aLogger(['123456'])
    log.info({ pin: 123456, other: 1234 }, 'x')
    expect(last()).toMatchObject({ pin: '[secret]', other: 1234 })
  })

  it('are hidden whole where one is a part of another', () => {
    const { log, last } = aLogger(['abc', 'abc-and-more'])
    log.info({ text: 'abc-and-more' }, 'x')
    expect(last().text).toBe('[secret]')
  })

  it.each([
    [{ headers: { Authorization: 'x', 'x-slack-signature': 'x', accept: 'x' } }, { headers: { accept: 'x' } }],
    [{ botToken: 'x', api_key: 'x', password: 'x', signingSecret: { deep: 'x' }, cookie: ['x'] }, {}],
    [
      { tokens: 3, signed: true, hasToken: true },
      { tokens: 3, signed: true, hasToken: true },
    ],
  ])('are hidden by the name under which they stand: %j', (fields, kept) => {
    const { log, last } = aLogger()
    log.info(fields, 'x')
    const { level: _, time: __, msg: ___, ...logged } = last()
    const hidden = JSON.parse(JSON.stringify(logged, (_name, value) => (value === '[secret]' ? undefined : value)))
    expect(hidden).toEqual(kept)
  })

  it.each([
    ['xoxb-1111-2222-abcdef', 'Slack said no to [secret]'],
    ['xapp-1-A0-abcdef', 'Slack said no to [secret]'],
    ['Bearer abc.def-ghi', 'Slack said no to Bearer [secret]'],
    ['Token token=y_NbAkKc66ryYTWUXYEu', 'Slack said no to Token token=[secret]'],
    ['https://bot:hunter2@metrics.example/x', 'Slack said no to https://bot:[secret]@metrics.example/x'],
    ['https://hooks.slack.com/commands/T1/2/abc', 'Slack said no to https://hooks.slack.com/[secret]'],
  ])('are known by their look: %s', (secret, expected) => {
    const { log, last } = aLogger()
    log.warn({}, `Slack said no to ${secret}`)
    expect(last().msg).toBe(expected)
  })

  it('are looked for in time, however long and strange the text', () => {
    const { log } = aLogger(['a-secret'])
    const before = performance.now()
    for (const text of ['a@', 'https://', 'token=', 'xoxb-', ':@', 'Bearer '])
      log.info({ text: text.repeat(100_000) }, 'x')
    log.info({ text: `${'a'.repeat(500_000)}@` }, 'x')
    expect(performance.now() - before).toBeLessThan(3_000)
  })

  it('do not make a line of what is none: everything else stays as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^f[a-z]{1,3}$/), fc.jsonValue()), (fields) => {
        const { log, last } = aLogger(['a-secret-that-is-nowhere'])
        log.info(fields, 'x')
        expect(last()).toMatchObject(JSON.parse(JSON.stringify(fields)))
      }),
    )
  })

  it('never get through, whatever they are and wherever they stand', () => {
    const secret = fc.string({ minLength: 6, maxLength: 20 }).filter((text) => !'[secret]'.includes(text))
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        fc.pre(!`${before}${after}levelinfotimemsgtextx`.includes(value))
        const { log, last } = aLogger([value])
        log.info({ text: `${before}${value}${after}`, list: [value] }, `x ${value}`)
        const { text, list, msg } = last()
        for (const one of [text, list[0], msg]) expect(String(one).replaceAll('[secret]', '')).not.toContain(value)
      }),
    )
  })
})
