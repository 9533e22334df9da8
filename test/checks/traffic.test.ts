import { describe, expect, it } from '@jest/globals'
import { traffic } from '../../src/checks/traffic.ts'
import { NOW } from '../builders.ts'
import { aContext, aWatchedService } from './a-context.ts'
import { runCheck, written } from './run-check.ts'
import { aManagedEndpoint, asked, DAY_MS, MINUTE_MS, ONSET, surgeMetrics } from './the-surge.ts'

const ERRORS = { errors: 'errors{$selector}' }

describe('traffic', () => {
  it('of the second incident is twice last week’s, and nearly all of it fails', async () => {
    const body = await runCheck(traffic, aManagedEndpoint(), ERRORS)
    expect(body).toMatchObject({ verdict: 'problem', signals: { surge: 'rps_up_50pct' } })
    expect(written(body)).toMatchObject({ rps: '25,000/s', lastWeek: '12,000/s', factor: '2.08×', errorShare: '99 %' })
    expect(body.headline).toBe('25,000/s requests, 2.08× what it was at this time last week; 99 % of the requests fail')
  })

  it('that is down to yesterday’s and still fails is the mark of a failure that feeds itself', async () => {
    const calm = (at: number) => (at > NOW - 20 * MINUTE_MS ? 12_000 : asked(at))
    const metrics = surgeMetrics({ requests: calm, errors: (at) => (at < ONSET ? 0 : 0.99 * calm(at)) })
    const body = await runCheck(traffic, aManagedEndpoint(metrics), ERRORS)
    expect(body).toMatchObject({
      verdict: 'problem',
      severity: 'critical',
      signals: { surge: 'rps_flat_or_down', hyst: 'same_rps_now_fails' },
    })
    expect(written(body)).toMatchObject({
      ...{ sameLoad: '12,000/s', errorShareSameLoad: '99 %', errorShareSameLoadBefore: '0 %', onset: '02:42 UTC' },
    })
    expect(body.headline).toContain('12,000/s was fine before (0 % errors) and fails now')
  })

  it.each([
    [18_000, 'rps_up_50pct', 'problem'],
    [17_900, 'rps_up_20pct', 'clear'],
    [14_400, 'rps_up_20pct', 'clear'],
    [14_300, 'rps_flat_or_down', 'clear'],
    [6_000, 'rps_flat_or_down', 'clear'],
  ])('of %d/s where 12,000 are usual is %s', async (rps, surge, verdict) => {
    const metrics = surgeMetrics({ requests: (at) => (at > NOW - DAY_MS / 2 ? rps : 12_000), errors: () => 0 })
    const body = await runCheck(traffic, aManagedEndpoint(metrics), ERRORS)
    expect(body).toMatchObject({ verdict, signals: { surge } })
  })

  it('that is served is fine where it was fine before', async () => {
    const metrics = surgeMetrics({ requests: () => 12_000, errors: () => 6 })
    const body = await runCheck(traffic, aManagedEndpoint(metrics), ERRORS)
    expect(body).toMatchObject({ verdict: 'clear', signals: { hyst: 'same_rps_still_fine' } })
  })

  it('is compared with last week where yesterday was another day', async () => {
    const holiday = (at: number) => (at < NOW - 2 * DAY_MS ? 12_000 : at < NOW - DAY_MS / 2 ? 6_000 : 12_500)
    const body = await runCheck(traffic, aManagedEndpoint(surgeMetrics({ requests: holiday })))
    expect(body.signals).toEqual({ surge: 'rps_flat_or_down' })
    expect(body.details).toEqual(['At this time: last week 12,000/s, yesterday 6,000/s.'])
  })

  it('is compared with yesterday where last week is not known', async () => {
    const recent = (at: number) => (at < NOW - 2 * DAY_MS ? undefined : asked(at))
    const body = await runCheck(traffic, aManagedEndpoint(surgeMetrics({ requests: recent })))
    expect(body.signals).toEqual({ surge: 'rps_up_50pct' })
    expect(body.headline).toContain('at this time yesterday')
    expect(written(body)).not.toHaveProperty('lastWeek')
  })

  it('with nothing to compare it with is unknown, not fine', async () => {
    const recent = (at: number) => (at < NOW - DAY_MS / 4 ? undefined : asked(at))
    const body = await runCheck(traffic, aManagedEndpoint(surgeMetrics({ requests: recent })))
    expect(body).toMatchObject({ verdict: 'unknown', signals: {}, unknown: { cause: 'missing' } })
    expect(written(body)).toMatchObject({ rps: '25,000/s' })
  })

  it('that nobody measured in the last minutes is unknown', async () => {
    const gone = (at: number) => (at > NOW - 30 * MINUTE_MS ? undefined : asked(at))
    await expect(runCheck(traffic, aManagedEndpoint(surgeMetrics({ requests: gone })))).rejects.toMatchObject({
      kind: 'missing',
    })
  })

  it('says nothing of errors where the expression for them never had a value', async () => {
    const body = await runCheck(traffic, aManagedEndpoint(surgeMetrics({ errors: undefined })), ERRORS)
    expect(body.signals).toEqual({ surge: 'rps_up_50pct' })
    expect(written(body)).not.toHaveProperty('errorShare')
  })

  it('needs an expression, of the runbook or of the service', async () => {
    const { metrics } = aWatchedService()
    if (metrics === undefined) throw new Error('The service has metrics.')
    const { requests: _, ...rest } = metrics
    const context = aContext({ service: aWatchedService({ metrics: rest }), metrics: surgeMetrics() })
    await expect(runCheck(traffic, context)).rejects.toMatchObject({ kind: 'not-configured' })
    expect((await runCheck(traffic, context, { requests: 'sum(requests{$selector})' })).signals).toEqual({
      surge: 'rps_up_50pct',
    })
  })
})
