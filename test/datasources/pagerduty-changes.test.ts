import { describe, expect, it } from '@jest/globals'
import type { DataSourceDeps } from '../../src/datasources/datasource.ts'
import { SourceError } from '../../src/datasources/datasource.ts'
import { pagerdutyChanges } from '../../src/datasources/pagerduty-changes.ts'
import type { PagerDutyErrorKind } from '../../src/pagerduty/errors.ts'
import { PagerDutyError } from '../../src/pagerduty/errors.ts'
import { aService, NOW } from '../builders.ts'
import { failureOf, inTime, offered, opened } from './deps.ts'

const window = { from: NOW - 3_600_000, to: NOW }
const ask = (changeEvents: DataSourceDeps['changeEvents'], service = aService()) =>
  offered(opened(pagerdutyChanges, {}, { changeEvents }).deploys).deploys(service, window, inTime())

describe("PagerDuty's change events", () => {
  it('of all ids of the service are its deploys, in order', async () => {
    const events = { PSVC1: [{ at: NOW - 10, what: 'b' }], PSVC2: [{ at: NOW - 30, what: 'a' }] }
    const service = aService({ pagerdutyServiceIds: ['PSVC1', 'PSVC2'] })
    const { value, query } = await ask(async (id) => events[id as keyof typeof events] ?? [], service)
    expect(value.map(({ what }) => what)).toEqual(['a', 'b'])
    expect(query).toBe('change events of PSVC1, PSVC2')
  })

  it.each<[PagerDutyErrorKind, string]>([
    ['unauthorized', 'unauthorized'],
    ['forbidden', 'forbidden'],
    ['not-found', 'missing'],
    ['rate-limited', 'unreachable'],
    ['unavailable', 'unreachable'],
    ['timeout', 'timeout'],
    ['invalid', 'bad-answer'],
    ['bad-answer', 'bad-answer'],
  ])('that fail as %s are unknown as %s', async (kind, cause) => {
    const error = new PagerDutyError({ kind, operation: 'GET /services/PSVC1/change_events' })
    const failure = await failureOf(ask(() => Promise.reject(error)))
    expect(failure).toBeInstanceOf(SourceError)
    expect(failure).toMatchObject({ kind: cause, source: 'source', message: error.message, cause: error })
    expect((failure as SourceError).missingPermission !== undefined).toBe(kind === 'forbidden') // checked above
  })

  it('that fail for a reason of our own stay a bug', async () => {
    expect(await failureOf(ask(() => Promise.reject(new TypeError('x'))))).toBeInstanceOf(TypeError)
  })

  it('need a token and an id', async () => {
    expect(await failureOf(ask(undefined))).toMatchObject({ kind: 'not-configured' })
    expect(await failureOf(ask(async () => [], aService({ pagerdutyServiceIds: [] })))).toMatchObject({
      kind: 'not-configured',
    })
    await expect(opened(pagerdutyChanges, {}).probe(inTime())).rejects.toMatchObject({ kind: 'not-configured' })
  })
})
