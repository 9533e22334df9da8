import { describe, expect, it } from '@jest/globals'
import type { Severity } from '../../src/domain/finding.ts'
import { firstWatch, type PreAlert, type Prediction, preAlert } from '../../src/domain/pre-alert.ts'
import { USUAL_HOURS } from '../../src/domain/schedule/working-hours.ts'

const HOUR = 3_600_000
const hours = { ...USUAL_HOURS, timeZone: 'Europe/Berlin' }
/** Saturday, 03:00 in Berlin; work begins in 54 h. */
const SATURDAY = Date.parse('2026-03-14T02:00:00Z')
const watching = firstWatch('nightly', 'memory')

function limitIn(
  inHours: number,
  change: { low?: number; high?: number; severity?: Severity; now?: number } = {},
): Prediction {
  const { low = inHours * 0.8, high = inHours * 1.25, severity = 'medium', now = SATURDAY } = change
  return {
    is: 'limit',
    at: now + inHours * HOUR,
    earliestAt: now + low * HOUR,
    latestAt: now + high * HOUR,
    asOf: now,
    severity,
  }
}

/** Runs one after the other, so many hours after Saturday 03:00, as the record keeps them. */
function live(...runs: readonly (readonly [number, Prediction])[]): { did: string[]; state: PreAlert } {
  let state = watching
  const did = runs.map(([after, prediction]) => {
    const decision = preAlert(prediction, hours, state, SATURDAY + after * HOUR)
    // As after a restart: what is not in the record is gone.
    state = JSON.parse(JSON.stringify(decision.next))
    return decision.do
  })
  return { did, state }
}

/** The limit at the same moment, foreseen so many hours after Saturday 03:00. */
const at = (moment: number, after: number, severity?: Severity): readonly [number, Prediction] => [
  after,
  limitIn(moment - after, { now: SATURDAY + after * HOUR, ...(severity && { severity }) }),
]
const CLEAR: Prediction = { is: 'no-limit' }
const UNKNOWN: Prediction = { is: 'unknown', why: 'Prometheus does not answer.' }

describe('whether a forecast is worth a pre-alert', () => {
  it.each<[string, string, Prediction, string]>([
    ['in 9 h on Saturday at 03:00', '2026-03-14T02:00:00Z', limitIn(9), 'open'],
    ['in 5 days on Saturday at 03:00', '2026-03-14T02:00:00Z', limitIn(120), 'quiet'],
    ['on Monday before nine, at the earliest', '2026-03-14T02:00:00Z', limitIn(60, { low: 53 }), 'open'],
    ['on Monday at nine, at the earliest', '2026-03-14T02:00:00Z', limitIn(60, { low: 54 }), 'quiet'],
    ['anywhere from 0.5 h to 40 h', '2026-03-14T02:00:00Z', limitIn(9, { low: 0.5, high: 40 }), 'open'],
    ['perhaps early, most likely never', '2026-03-14T02:00:00Z', limitIn(100, { low: 40, high: 300 }), 'open'],
    ['no limit', '2026-03-14T02:00:00Z', CLEAR, 'quiet'],
    ['no answer', '2026-03-14T02:00:00Z', UNKNOWN, 'quiet'],
  ])('%s', (_what, now, prediction, expected) => {
    expect(preAlert(prediction, hours, watching, Date.parse(now)).do).toBe(expected)
  })

  it.each<[string, string, number, string]>([
    ['at work, it comes today', '2026-03-17T09:00:00Z', 3, 'open'],
    ['at work, it comes tonight', '2026-03-17T09:00:00Z', 16, 'open'],
    ['at work, it comes tomorrow at work', '2026-03-17T09:00:00Z', 30, 'quiet'],
    ['at night, it comes next morning at work', '2026-03-17T02:00:00Z', 10, 'quiet'],
    ['on the weekend on which clocks go forward, 53 h are too many', '2026-03-28T02:00:00Z', 53.5, 'quiet'],
    ['on the weekend on which clocks go forward, 52 h are not', '2026-03-28T02:00:00Z', 52.5, 'open'],
    ['on the weekend on which clocks go back, 54.5 h are not', '2026-10-24T01:00:00Z', 54.5, 'open'],
  ])('%s', (_what, now, inHours, expected) => {
    const prediction = limitIn(inHours, { low: inHours, now: Date.parse(now) })
    expect(preAlert(prediction, hours, watching, Date.parse(now)).do).toBe(expected)
  })
})

describe('an open pre-alert', () => {
  it('is updated in place while numbers move a little', () => {
    expect(live(at(9, 0), at(9.1, 1), at(8.8, 2)).did).toEqual(['open', 'update', 'update'])
  })

  it('makes one new post when the limit comes within two hours, and no second one', () => {
    const { did, state } = live(at(9, 0), at(9, 6.9), at(9, 7), at(9.2, 7.1), at(9, 7.5))
    expect(did).toEqual(['open', 'update', 'escalate', 'update', 'update'])
    expect(state.escalations).toMatchObject([{ because: 'It is now less than 2 h away.' }])
  })

  it('makes a new post when it gets more severe than it ever was', () => {
    const { did } = live(
      at(20, 0, 'medium'),
      at(8, 1, 'high'),
      at(20, 2, 'medium'),
      at(8, 3, 'high'),
      at(5, 4, 'critical'),
    )
    expect(did).toEqual(['open', 'escalate', 'update', 'update', 'escalate'])
  })

  it('that was soon from the beginning does not say so again', () => {
    expect(live(at(1.5, 0), at(1.5, 0.5)).did).toEqual(['open', 'update'])
  })

  it('closes after two clear runs in a row, and stays closed', () => {
    const { did, state } = live(at(9, 0), [1, CLEAR], at(9, 2), [3, CLEAR], [4, CLEAR], at(9, 5))
    expect(did).toEqual(['open', 'update', 'update', 'update', 'clear', 'quiet'])
    expect(state).toMatchObject({ state: 'closed', closedAt: SATURDAY + 4 * HOUR })
  })

  it('closes when the limit has moved behind the beginning of work', () => {
    expect(live(at(9, 0), at(120, 1), at(120, 2)).did).toEqual(['open', 'update', 'clear'])
  })

  it('is not closed by what is unknown, which also breaks a row of clear runs', () => {
    const { did, state } = live(at(9, 0), [1, CLEAR], [2, UNKNOWN], [3, CLEAR], [4, UNKNOWN], [5, UNKNOWN])
    expect(did).toEqual(['open', 'update', 'update', 'update', 'update', 'update'])
    expect(state).toMatchObject({
      state: 'open',
      unknown: { since: SATURDAY + 4 * HOUR },
      foreseen: { asOf: SATURDAY },
    })
  })

  it('forgets that it could not tell once it can', () => {
    expect(live(at(9, 0), [1, UNKNOWN], at(9, 2)).state.unknown).toBeUndefined()
  })
})
