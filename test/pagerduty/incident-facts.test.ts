import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { incidentFromRest, incidentFromWebhook } from '../../src/pagerduty/incident-facts.ts'
import { aRestIncident, aWebhookIncident } from './webhook-bodies.ts'

describe('incident facts', () => {
  it('are the same from a webhook and from REST', () => {
    const fromWebhook = incidentFromWebhook(aWebhookIncident())
    expect(fromWebhook).toMatchObject({
      ok: true,
      incident: { number: 2, assignees: [{ id: 'PTUXL6G', name: 'Ada' }] },
    })
    const { incident } = { incident: undefined, ...fromWebhook }
    expect(incidentFromRest(aRestIncident())).toEqual({
      ok: true,
      incident: { ...incident, statusAt: '2026-04-09T15:16:27.000Z' },
    })
  })

  it('from REST say since when the status holds', () => {
    const changed = incidentFromRest(aRestIncident({ last_status_change_at: '2026-04-09T15:20:00Z' }))
    expect(changed).toMatchObject({ incident: { statusAt: '2026-04-09T15:20:00.000Z' } })
  })

  it('leave out an assignment that cannot be read', () => {
    const assignments = [{ assignee: null }, { assignee: { id: 'PA', summary: 'Ada' } }]
    expect(incidentFromRest(aRestIncident({ assignments }))).toMatchObject({
      incident: { assignees: [{ id: 'PA', name: 'Ada' }] },
    })
  })

  it('say where a REST incident is malformed', () => {
    expect(incidentFromRest(aRestIncident({ status: 'suppressed' }))).toEqual({
      ok: false,
      problem: expect.stringMatching(/^incident\.status: /),
    })
  })

  it('never come from random JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(incidentFromRest(json).ok).toBe(false)
        expect(incidentFromWebhook(json).ok).toBe(false)
      }),
    )
  })
})
