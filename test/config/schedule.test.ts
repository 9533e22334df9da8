import { describe, expect, it } from '@jest/globals'
import { registries } from '../../src/app/registries.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { scheduledRunbookProblems } from '../../src/config/schedule-problems.ts'
import { slotAt } from '../../src/domain/schedule/schedule.ts'
import { aRunbook } from '../builders.ts'

/** Two services, and what is under test from line 6 on. */
const written = (rest: string): string => `slack: { fallbackChannel: C0FALLBACK }
services:
  inference: { timeZone: Asia/Kolkata }
  checkout: {}
  night: { workingHours: { days: [sat, sun], from: '20:00', to: '24:00', timeZone: Europe/Berlin } }
${rest}
`

function problems(rest: string): readonly string[] {
  const loaded = loadConfig('incbot.yaml', written(rest), registries)
  return loaded.ok ? [] : loaded.problems.map(formatProblem)
}

function config(rest: string) {
  const loaded = loadConfig('incbot.yaml', written(rest), registries)
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded.config
}

describe('schedule', () => {
  it('goes by time that passes, or by the clocks of a place', () => {
    const { schedule } = config(`schedule:
  often: { every: 15m, runbook: memory }
  nightly: { cron: '0 3 * * sat', timeZone: Europe/Berlin, services: [inference], runbook: memory }`)
    expect(schedule[0]).toEqual({ name: 'often', rhythm: { everyMs: 900_000 }, runbook: 'memory' })
    expect(schedule[1]).toMatchObject({ name: 'nightly', services: ['inference'] })
    const slots = schedule.map(({ rhythm }) => slotAt(rhythm, Date.parse('2026-03-14T03:10:00Z')))
    expect(slots.map((at) => new Date(at ?? 0).toISOString().slice(0, 16))).toEqual([
      '2026-03-14T03:00',
      '2026-03-14T02:00',
    ])
  })

  it('is nothing where nothing is said', () => {
    const { schedule, digest, services } = config('')
    expect([schedule, digest, services[0]?.workingHours]).toEqual([[], undefined, undefined])
  })

  it.each([
    [
      'schedule: { a: { every: 30s, runbook: m } }',
      '6:25  schedule.a.every: expected 1m to 24h; for more, use cron, got "30s"',
    ],
    ['schedule: { a: { runbook: m } }', '6:13  schedule.a: does not say when. Add every, such as 15m, or cron'],
    ["schedule: { a: { every: 5m, cron: '0 3 * * *', runbook: m } }", 'schedule.a: has both cron and every. Keep one'],
    [
      "schedule: { a: { cron: '0 25 * * *', runbook: m } }",
      'schedule.a.cron: expected an hour such as 0-23, */2, got "0 25 * * *"',
    ],
    [
      'schedule: { a: { every: 5m, timeZone: UTC, runbook: m } }',
      'schedule.a.timeZone: is not used: only cron goes by a clock',
    ],
    [
      "schedule: { a: { cron: '0 3 * * *', timeZone: Europe/Berln, runbook: m } }",
      'schedule.a.timeZone: expected a time zone',
    ],
    [
      'schedule: { a: { every: 5m, services: [inferense], runbook: m } }',
      '6:40  schedule.a.services[0]: no service is called "inferense" (known: inference, checkout, night). Did you mean "inference"?',
    ],
    [
      'schedule: { a: { every: 5m, servces: [], runbook: m } }',
      'schedule.a.servces: is not a key that can stand here. Did you mean "services"?',
    ],
    ['schedule: { a: { every: 5m } }', 'schedule.a.runbook: is missing'],
    [
      'workingHours: { days: [monday] }',
      'workingHours.days[0]: expected one of sun, mon, tue, wed, thu, fri, sat, got "monday"',
    ],
    ['workingHours: { from: 9am }', 'workingHours.from: expected a time of day such as 09:00'],
    [
      "workingHours: { from: '22:00', to: '06:00' }",
      'workingHours.to: working hours must end after they begin, on the same day. Write a night shift',
    ],
    ["workingHours: { from: '18:00' }", 'workingHours.from: working hours must end after they begin'],
    [
      "digest: { cron: '0 9 * *' }",
      'digest.cron: expected five fields: minute, hour, day of the month, month, day of the week, got "0 9 * *"',
    ],
    [
      "digest: { cron: '0 9 * * *', whenEmpty: nothin }",
      'digest.whenEmpty: expected one of nothing, line, got "nothin". Did you mean "nothing"?',
    ],
  ])('%s is refused where it stands', (rest, message) => {
    expect(problems(rest)).toEqual([expect.stringContaining(message)])
  })
})

describe('working hours', () => {
  it('are those of the service, of all services, or usual, key by key', () => {
    const hours = config("workingHours: { from: '08:00', timeZone: America/New_York }").services.map(
      (one) => one.workingHours,
    )
    const week = [1, 2, 3, 4, 5]
    expect(hours).toEqual([
      { days: week, fromMinute: 480, toMinute: 1020, timeZone: 'Asia/Kolkata' },
      { days: week, fromMinute: 480, toMinute: 1020, timeZone: 'America/New_York' },
      { days: [6, 0], fromMinute: 1200, toMinute: 1440, timeZone: 'Europe/Berlin' },
    ])
  })
})

describe('the digest', () => {
  it('goes to the fallback channel and says nothing when there is nothing, unless told otherwise', () => {
    expect(config("digest: { cron: '0 9 * * *' }").digest).toMatchObject({
      channel: 'C0FALLBACK',
      whenEmpty: 'nothing',
      timeZone: 'UTC',
    })
  })
})

describe('the runbooks of a schedule', () => {
  const of = (rest: string) =>
    scheduledRunbookProblems('incbot.yaml', written(rest), shelf, (check) => check === 'memory-trend').map(
      formatProblem,
    )
  const shelf = [
    aRunbook(),
    aRunbook({ name: 'latency', checks: [{ id: 'latency', check: 'latency', parameters: {}, timeoutMs: 1 }] }),
    aRunbook({ name: 'own', match: { services: ['checkout'], labels: {} } }),
  ]

  it('are there', () => {
    expect(of('schedule: { a: { every: 5m, runbook: memory } }')).toEqual([])
  })

  it.each([
    [
      'schedule: { a: { every: 5m, runbook: memry } }',
      '6:38  schedule.a.runbook: no runbook is called "memry" (known: memory, latency, own). Did you mean "memory"?',
    ],
    [
      'schedule: { a: { every: 5m, runbook: latency } }',
      'has no check that foresees a limit, so it can never open a pre-alert. Add memory-trend',
    ],
    [
      'schedule: { a: { every: 5m, services: [inference], runbook: own } }',
      'schedule.a.services[0]: the runbook "own" is for checkout only',
    ],
  ])('%s', (rest, message) => {
    expect(of(rest)).toEqual([expect.stringContaining(message)])
  })
})
