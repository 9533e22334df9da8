import { describe, expect, it } from '@jest/globals'
import { latestTurn, parseCron } from '../../../src/domain/schedule/cron.ts'

const iso = (text: string): number => Date.parse(text)

function turn(expression: string, zone: string, now: string): string | undefined {
  const cron = parseCron(expression)
  if ('problem' in cron) throw new Error(cron.problem)
  const at = latestTurn(cron, zone, iso(now))
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16)
}

describe('a cron expression', () => {
  it.each([
    ['0 9 * * mon-fri', 'Europe/Berlin', '2026-03-16T08:00:00Z', '2026-03-16T08:00'],
    ['0 9 * * mon-fri', 'Europe/Berlin', '2026-03-16T07:59:59Z', '2026-03-13T08:00'],
    ['*/15 * * * *', 'UTC', '2026-03-15T03:44:59Z', '2026-03-15T03:30'],
    ['5,35 3-4 * * 0', 'UTC', '2026-03-15T04:10:00Z', '2026-03-15T04:05'],
    ['0 0 * * 7', 'UTC', '2026-03-18T00:00:00Z', '2026-03-15T00:00'],
    // Either day field may match where both are given.
    ['0 0 1 * mon', 'UTC', '2026-03-05T00:00:00Z', '2026-03-02T00:00'],
    ['0 0 1 * mon', 'UTC', '2026-03-01T12:00:00Z', '2026-03-01T00:00'],
    ['0 0 29 feb *', 'UTC', '2026-03-05T00:00:00Z', '2024-02-29T00:00'],
    ['10/20 * * * *', 'UTC', '2026-03-05T00:31:00Z', '2026-03-05T00:30'],
  ])('%s in %s, looked at %s, had its turn at %s', (expression, zone, now, expected) => {
    expect(turn(expression, zone, now)).toBe(expected)
  })

  it('comes after the gap when its time is left out in spring', () => {
    // Clocks in Berlin go from 02:00 to 03:00 at 01:00 UTC.
    expect(turn('30 2 * * *', 'Europe/Berlin', '2026-03-29T01:29:00Z')).toBe('2026-03-28T01:30')
    expect(turn('30 2 * * *', 'Europe/Berlin', '2026-03-29T12:00:00Z')).toBe('2026-03-29T01:30')
  })

  it('counts once when its time comes twice in autumn, unless it goes by the hour', () => {
    // Clocks in Berlin go from 03:00 back to 02:00 at 01:00 UTC.
    expect(turn('30 2 * * *', 'Europe/Berlin', '2026-10-25T02:00:00Z')).toBe('2026-10-25T00:30')
    expect(turn('30 * * * *', 'Europe/Berlin', '2026-10-25T02:00:00Z')).toBe('2026-10-25T01:30')
  })

  it('goes on by the hour through the gap in spring', () => {
    const at = (now: string) => turn('0 * * * *', 'America/New_York', now)
    expect([at('2026-03-08T06:30:00Z'), at('2026-03-08T07:30:00Z')]).toEqual(['2026-03-08T06:00', '2026-03-08T07:00'])
  })

  it.each([
    ['* * * *', 'five fields'],
    ['60 * * * *', 'minute'],
    ['0 24 * * *', 'hour'],
    ['0 9 * * mon-fry', 'day of the week'],
    ['0 9 * * fri-mon', 'day of the week'],
    ['*/0 * * * *', 'minute'],
    ['0 0 31 2 *', 'a day that comes'],
    ['@daily', 'five fields'],
    ['*-5 * * * *', 'minute'],
  ])('that is wrong is refused with the reason: %s', (expression, reason) => {
    expect(parseCron(expression)).toEqual({ problem: expect.stringContaining(reason) })
  })
})
