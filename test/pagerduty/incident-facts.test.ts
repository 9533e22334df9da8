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
    expect(incidentFromRest(aRestIncident())).toEqual(fromWebhook)
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
