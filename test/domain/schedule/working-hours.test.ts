import { describe, expect, it } from '@jest/globals'
import {
  isWorkTime,
  nextWorkBegins,
  USUAL_HOURS,
  type WorkingHours,
  workingHoursOf,
} from '../../../src/domain/schedule/working-hours.ts'

const berlin: WorkingHours = { ...USUAL_HOURS, timeZone: 'Europe/Berlin' }

function begins(hours: WorkingHours, now: string): string {
  return new Date(nextWorkBegins(hours, Date.parse(now))).toISOString().slice(0, 16)
}

describe('working hours', () => {
  it.each<[string, WorkingHours, string, string]>([
    ['on Saturday night, on Monday', berlin, '2026-03-14T02:00:00Z', '2026-03-16T08:00'],
    ['right before they begin, then', berlin, '2026-03-16T07:59:59Z', '2026-03-16T08:00'],
    ['at their very beginning, the next day', berlin, '2026-03-16T08:00:00Z', '2026-03-17T08:00'],
    ['on Friday at noon, on Monday', berlin, '2026-03-13T12:00:00Z', '2026-03-16T08:00'],
    [
      'over the weekend on which clocks go forward, an hour earlier',
      berlin,
      '2026-03-28T02:00:00Z',
      '2026-03-30T07:00',
    ],
    ['over the weekend on which clocks go back, an hour later', berlin, '2026-10-24T02:00:00Z', '2026-10-26T08:00'],
    [
      'where it is already tomorrow',
      { ...USUAL_HOURS, timeZone: 'Pacific/Auckland' },
      '2026-03-15T12:00:00Z',
      '2026-03-15T20:00',
    ],
    ['on one day of the week, a week later', { ...berlin, days: [3] }, '2026-03-18T09:00:00Z', '2026-03-25T08:00'],
    [
      'in the hour that is left out, after it',
      { ...berlin, days: [0], fromMinute: 150 },
      '2026-03-28T12:00:00Z',
      '2026-03-29T01:30',
    ],
  ])('begin next, %s', (_when, hours, now, expected) => {
    expect(begins(hours, now)).toBe(expected)
  })

  it.each([
    ['2026-03-16T08:00:00Z', true],
    ['2026-03-16T07:59:00Z', false],
    ['2026-03-16T15:59:00Z', true],
    ['2026-03-16T16:00:00Z', false],
    ['2026-03-15T10:00:00Z', false],
  ])('at %s: people are at work: %s', (now, expected) => {
    expect(isWorkTime(berlin, Date.parse(now))).toBe(expected)
  })

  it('are the usual ones where the people of the service are, unless said otherwise', () => {
    expect(workingHoursOf({ timeZone: 'Asia/Kolkata' })).toEqual({ ...USUAL_HOURS, timeZone: 'Asia/Kolkata' })
    expect(workingHoursOf({})).toEqual({ ...USUAL_HOURS, timeZone: 'UTC' })
    expect(workingHoursOf({ workingHours: berlin, timeZone: 'Asia/Kolkata' })).toBe(berlin)
  })
})
