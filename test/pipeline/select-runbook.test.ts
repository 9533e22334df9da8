import { describe, expect, it } from '@jest/globals'
import type { Incident } from '../../src/domain/incident.ts'
import type { RunbookMatch } from '../../src/domain/runbook.ts'
import type { Labels } from '../../src/pipeline/select-runbook.ts'
import { needsLabels, selectRunbooks } from '../../src/pipeline/select-runbook.ts'
import { anIncident, aRunbook } from '../builders.ts'

const named = (name: string, match: Partial<RunbookMatch> = {}) =>
  aRunbook({ name, match: { services: [], labels: {}, ...match } })

const chosen = (
  runbooks: ReturnType<typeof named>[],
  incident: Partial<Incident> = {},
  labels: Labels = {},
): string => {
  const selection = selectRunbooks(runbooks, anIncident(incident), labels)
  return 'runbooks' in selection ? selection.runbooks.map(({ name }) => name).join(', ') : 'nothing'
}

describe('the runbook for an incident', () => {
  it.each<[string, Partial<RunbookMatch>, Partial<Incident>, Labels, boolean]>([
    ['everything where it asks for nothing', {}, {}, {}, true],
    ['its service', { services: ['inference'] }, {}, {}, true],
    ['no other service', { services: ['checkout'] }, {}, {}, false],
    ['a title', { title: 'Memory' }, {}, {}, true],
    ['no other title', { title: '^Disk' }, {}, {}, false],
    ['an urgency', { urgency: 'high' }, { urgency: 'high' }, {}, true],
    ['no other urgency', { urgency: 'high' }, { urgency: 'low' }, {}, false],
    ['labels', { labels: { team: '^ml$' } }, {}, { team: 'ml' }, true],
    ['no other labels', { labels: { team: '^ml$' } }, {}, { team: 'web' }, false],
    ['no label that every object has', { labels: { constructor: 'function' } }, {}, {}, false],
    ['no missing labels', { labels: { team: '^ml$' } }, {}, {}, false],
    ['all of its labels', { labels: { team: 'ml', tier: '1' } }, {}, { team: 'ml' }, false],
    ['no labels that nobody knows', { labels: { team: 'ml' } }, {}, 'unknown', false],
    [
      'a command, which has no alert',
      { title: '^Disk', urgency: 'low', labels: { a: 'b' } },
      { origin: 'command' },
      'unknown',
      true,
    ],
    ['a command for its services only', { services: ['checkout'] }, { origin: 'command' }, {}, false],
  ])('matches %s', (_, match, incident, labels, matches) => {
    expect(chosen([named('one', match)], incident, labels)).toBe(matches ? 'one' : 'nothing')
  })

  it.each<[string, Partial<RunbookMatch>, Partial<RunbookMatch>]>([
    ['a service over a title', { services: ['inference'] }, { title: 'Memory' }],
    ['a title over an urgency', { title: 'Memory' }, { urgency: 'high' }],
    ['an urgency over nothing', { urgency: 'high' }, {}],
    ['two labels over one', { labels: { a: '1', b: '2' } }, { labels: { a: '1' } }],
  ])('is the one that asks for most: %s', (_, specific, general) => {
    const incident = { urgency: 'high' as const }
    const labels = { a: '1', b: '2' }
    expect(chosen([named('a-general', general), named('z-specific', specific)], incident, labels)).toBe('z-specific')
  })

  it('is the first by name among equals', () => {
    expect(chosen([named('b'), named('a'), named('c')])).toBe('a')
  })

  it('are all that fit when a person asks, the most specific first', () => {
    const runbooks = [named('b'), named('a', { title: 'Disk' }), named('c', { services: ['checkout'] })]
    expect(chosen(runbooks, { origin: 'command' })).toBe('a, b')
  })

  it('says which one could not be considered', () => {
    const runbooks = [named('general'), named('special', { labels: { team: 'ml' } })]
    expect(selectRunbooks(runbooks, anIncident(), 'unknown')).toMatchObject({
      runbooks: [{ name: 'general' }],
      warnings: ["Runbook special could not be considered: the alert's labels are unknown."],
    })
    const nothing = selectRunbooks([named('special', { labels: { team: 'ml' } })], anIncident(), 'unknown')
    expect(nothing).toEqual({
      nothing:
        "No runbook matches inference. Add one under runbooks/, or widen the `match` of one. Runbook special could not be considered: the alert's labels are unknown.",
    })
  })

  it('is none for a service that is not catalogued, and says what to add', () => {
    const { service: _, ...incident } = anIncident({
      pagerduty: { incidentId: 'Q1', serviceId: 'PX', serviceName: 'checkout' } as never, // only these are read
    })
    expect(selectRunbooks([named('a')], incident, {})).toEqual({
      nothing:
        '“checkout” is not in the service catalogue. Add it under `services` in incbot.yaml, with PagerDuty id PX.',
    })
  })

  it('asks for labels only where one needs them', () => {
    expect(needsLabels([named('a')])).toBe(false)
    expect(needsLabels([named('a'), named('b', { labels: { team: 'ml' } })])).toBe(true)
  })
})
