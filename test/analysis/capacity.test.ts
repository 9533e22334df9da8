import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { FleetMoment } from '../../src/analysis/capacity.ts'
import { escapeReplicas, judgeFleet, safeLoad, spirals } from '../../src/analysis/capacity.ts'

const MINUTE_MS = 60_000

type Stretch = readonly [minutes: number, moment: Omit<FleetMoment, 'at'>]

/** Stretches of so many minutes, one after the other. */
function history(...stretches: readonly Stretch[]): FleetMoment[] {
  return stretches
    .flatMap(([minutes, moment]) => Array.from({ length: minutes }, () => moment))
    .map((one, index) => ({ ...one, at: index * MINUTE_MS }))
}

const HEALTHY = { up: 10, needed: 10, requestsPerSecond: 11_900, errorShare: 0 }
const OUTAGE = { up: 6, needed: 21, requestsPerSecond: 25_000, errorShare: 0.99 }
/** 5, 6, 7, 5, 6, 7, … nodes are up. */
const secondIncident = history([600, HEALTHY], [60, OUTAGE]).map((one, index) =>
  index < 600 ? one : { ...one, up: 5 + (index % 3) },
)

describe('the fleet of the second incident', () => {
  const fleet = judgeFleet(secondIncident)

  it('has 5 to 7 up of 21 needed, a quarter to a third', () => {
    expect(fleet).toMatchObject({ up: 6, upRange: { low: 5, high: 7 }, needed: 21, isShort: true })
    expect(fleet?.upShare).toBeCloseTo(0.286, 3)
    expect(fleet?.shortSince).toBe(600 * MINUTE_MS)
  })

  it('is offered 4,200 a node against 1,190 planned, three and a half times', () => {
    expect(fleet?.load?.perReplica).toBeCloseTo(4_167, 0)
    expect(fleet?.load?.plannedPerReplica).toBeCloseTo(1_190, 0)
    expect(fleet?.load?.overload).toBeCloseTo(3.5, 5)
  })

  it('spirals, and gets out with 27 nodes out of rotation, or at 7,000 requests per second', () => {
    expect(fleet?.load).toMatchObject({ spiral: true, safeWasSeen: true, escapeReplicas: 27 })
    expect(fleet?.load?.shedTo).toBeCloseTo(7_140, -1)
  })

  it('goes by the plan where no safe load was seen', () => {
    const unseen = judgeFleet(
      secondIncident.map(({ at, up, needed }) => ({ at, up, needed, requestsPerSecond: up === 10 ? 11_900 : 25_000 })),
    )
    expect(unseen?.load).toMatchObject({
      safeWasSeen: false,
      escapeReplicas: 27,
      spiral: undefined,
      killPerReplica: undefined,
    })
  })

  it('is still in its spiral when the traffic is back to normal, but not when most of it is shed', () => {
    const calm = judgeFleet([
      ...secondIncident,
      ...history([30, { ...OUTAGE, requestsPerSecond: 12_000, needed: 10 }]).map(later),
    ])
    expect(calm?.load).toMatchObject({ spiral: true })
    const shed = judgeFleet([...secondIncident, ...history([30, { ...OUTAGE, requestsPerSecond: 6_000 }]).map(later)])
    expect(shed?.load).toMatchObject({ spiral: false })
  })

  const later = (one: FleetMoment): FleetMoment => ({ ...one, at: one.at + secondIncident.length * MINUTE_MS })
})

describe('a fleet', () => {
  it.each([
    ['enough', { up: 20, needed: 21 }, false],
    ['exactly four fifths', { up: 8, needed: 10 }, false],
    ['less than four fifths', { up: 79, needed: 100 }, true],
    ['more than enough', { up: 30, needed: 21 }, false],
    ['none needed', { up: 0, needed: 0 }, false],
  ])('with %s up is short: %s', (_what, moment, isShort) => {
    expect(judgeFleet(history([20, moment]))?.isShort).toBe(isShort)
  })

  it('that merely serves badly while short is short of capacity, not in a spiral', () => {
    const fleet = judgeFleet(history([600, HEALTHY], [30, { ...HEALTHY, up: 7, errorShare: 0.001 }]))
    expect(fleet).toMatchObject({ isShort: true, load: { spiral: false } })
  })

  it('is judged by its last minutes, not by those before', () => {
    expect(judgeFleet(history([600, HEALTHY], [20, OUTAGE], [12, { ...OUTAGE, up: 12 }]))?.up).toBe(12)
  })

  it('of which none is up has no load per replica', () => {
    expect(judgeFleet(history([20, { ...OUTAGE, up: 0 }]))?.load).toMatchObject({ perReplica: undefined, shedTo: 0 })
  })

  it('states the range since it fell short, not of the healthy minutes before', () => {
    expect(judgeFleet(history([50, HEALTHY], [10, OUTAGE]))?.upRange).toEqual({ low: 6, high: 6 })
  })

  it('is nothing without moments', () => {
    expect(judgeFleet([])).toBeUndefined()
  })
})

describe('the safe load', () => {
  const at = (requestsPerSecond: number, errorShare = 0) => ({ up: 1, needed: 1, requestsPerSecond, errorShare })

  it.each([
    ['the highest carried for a quarter of an hour', history([60, at(100)], [16, at(300)], [60, at(200)]), 300],
    ['not a spike of minutes', history([60, at(100)], [14, at(300)], [60, at(100)]), 100],
    ['not one with errors', history([60, at(100)], [60, at(300, 0.01)], [60, at(100)]), 100],
    ['one with a few errors', history([60, at(100, 0.009)]), 100],
    ['not across minutes of errors', history([10, at(300)], [1, at(300, 1)], [10, at(300)], [60, at(100)]), 100],
    ['unknown where none was carried for long', history([10, at(300)]), undefined],
    ['unknown where errors are', history([60, { up: 1, needed: 1, requestsPerSecond: 100 }]), undefined],
    ['unknown of no traffic', history([60, at(0)]), undefined],
  ])('is %s', (_what, moments, expected) => {
    expect(safeLoad(moments)).toBe(expected)
  })

  it('is not taken from before a gap in the metrics', () => {
    const [before, after] = [history([10, at(300)]), history([10, at(300)])]
    expect(safeLoad([...before, ...after.map((one) => ({ ...one, at: one.at + 60 * MINUTE_MS }))])).toBeUndefined()
  })
})

describe('the way out', () => {
  it.each([
    [25_000, 25_000 / 21, 27],
    [80, 100, 1],
    [81, 100, 2],
    [4 * 0.8 * 1_190, 1_190, 4],
    [0, 100, 0],
  ])('of %d/s at %d/s each takes %d', (rps, safe, replicas) => {
    expect(escapeReplicas(rps, safe)).toBe(replicas)
  })

  it('leads below the kill load, never more than one replica too far', () => {
    const load = fc.double({ min: 1, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(load, load, (rps, safe) => {
        const replicas = escapeReplicas(rps, safe)
        expect(spirals(replicas, safe, rps)).toBe(false)
        expect((replicas - 1) * 0.8 * safe).toBeLessThanOrEqual(rps * (1 + 1e-6))
      }),
    )
  })
})

it('judges a fleet alike whatever the clock says and whatever unit loads are counted in', () => {
  const stretch = fc.record({
    up: fc.integer({ min: 0, max: 30 }),
    needed: fc.integer({ min: 0, max: 30 }),
    requestsPerSecond: fc.integer({ min: 0, max: 50_000 }),
    errorShare: fc.constantFrom(0, 0.005, 0.2, 1),
  })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), stretch), { minLength: 1, maxLength: 5 }),
      fc.nat(1e9),
      (all, shift) => {
        const moments = history(...all)
        const one = judgeFleet(moments)
        const doubled = moments.map((m) => ({
          ...m,
          at: m.at + shift,
          requestsPerSecond: 2 * (m.requestsPerSecond ?? 0),
        }))
        const other = judgeFleet(doubled)
        expect({ ...other, load: undefined, shortSince: undefined }).toEqual({
          ...one,
          load: undefined,
          shortSince: undefined,
        })
        expect(other?.load?.spiral).toBe(one?.load?.spiral)
        expect(other?.load?.escapeReplicas).toBe(one?.load?.escapeReplicas)
        expect(one?.upRange.low).toBeLessThanOrEqual(one?.upRange.high ?? -1)
      },
    ),
  )
})
