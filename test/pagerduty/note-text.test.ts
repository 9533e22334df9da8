import { describe, expect, it } from '@jest/globals'
import type { Diagnosis } from '../../src/domain/diagnosis.ts'
import type { Investigation } from '../../src/domain/incident.ts'
import { notesOf } from '../../src/pagerduty/note-text.ts'
import { aRemediation } from '../builders.ts'
import { anIncident, NOW } from '../contract/records.ts'

const DIAGNOSIS: Diagnosis = {
  leading: { id: 'leak', title: 'Leak', confidence: 0.97, weights: [] },
  conclusion: 'Old model versions are never freed: 498 MB per deploy',
  says: ['Memory is at 31.2 GB of 32 GB.'],
  ranked: [],
  ruledOut: ['traffic', 'a slow leak'],
  unknown: ['Nodes could not be read (403).'],
  contradictions: [],
  now: ['Freeze model deploys', 'Restart one pod at a time'],
  fix: ['Evict old versions.'],
  answered: 3,
  asked: 4,
}

const anInvestigation = (change: Partial<Investigation> = {}): Investigation => ({
  id: 'pd-Q1-i1',
  reason: 'opened',
  state: 'finished',
  startedAt: NOW,
  finishedAt: NOW + 4_000,
  checks: 4,
  findings: [],
  diagnosis: DIAGNOSIS,
  ...change,
})
const keysOf = (...investigations: Investigation[]) => notesOf(anIncident({ investigations })).map(({ key }) => key)

describe('the note of a diagnosis', () => {
  it('says in plain text what the card says, and ends with a mark of its own', () => {
    const [note] = notesOf(anIncident({ investigations: [anInvestigation()] }))
    expect(note?.text.split('\n')).toEqual([
      'incbot: Old model versions are never freed: 498 MB per deploy',
      'Confidence 0.97; 3 of 4 checks answered.',
      'Memory is at 31.2 GB of 32 GB.',
      'Unlikely: traffic; a slow leak.',
      'Unknown: Nodes could not be read (403).',
      'Now: 1) Freeze model deploys',
      '2) Restart one pod at a time',
      'Fix: Evict old versions.',
      expect.stringMatching(/^incbot ref [0-9a-f]{12}$/),
    ])
    expect(note).toMatchObject({ key: 'note:pd-Q1-i1', since: NOW + 4_000, marker: note?.text.split('\n').at(-1) })
  })

  it('says where nothing leads', () => {
    const { leading: _, ...open } = DIAGNOSIS
    const [note] = notesOf(anIncident({ investigations: [anInvestigation({ diagnosis: open })] }))
    expect(note?.text).toContain('\nNothing leads; 3 of 4 checks answered.\n')
  })

  it('stays within bounds and keeps its mark, whatever the diagnosis holds', () => {
    const endless = Array.from({ length: 100 }, () => `${'x\n\u0007'.repeat(5_000)}`)
    const diagnosis = { ...DIAGNOSIS, conclusion: endless.join(''), says: endless, ruledOut: endless, now: endless }
    const [note] = notesOf(anIncident({ investigations: [anInvestigation({ diagnosis })] }))
    expect(note?.text.length).toBeLessThan(5_100)
    expect(note?.text.endsWith(note.marker)).toBe(true)
    expect(note?.text).not.toContain('\u0007')
  })

  it('is the first one’s that finished with a diagnosis, and no verification’s', () => {
    const { diagnosis: _, ...bare } = anInvestigation()
    const second = anInvestigation({ id: 'i2', reason: 'reopened' })
    expect(keysOf(anInvestigation(), second)).toEqual(['note:pd-Q1-i1'])
    expect(keysOf({ ...bare, nothing: 'No runbook matches.' }, second)).toEqual(['note:i2'])
    expect(keysOf(anInvestigation({ state: 'cancelled' }), second)).toEqual(['note:i2'])
    expect(keysOf(anInvestigation({ reason: 'verification' }))).toEqual([])
    expect(keysOf({ ...bare, state: 'running' })).toEqual([])
  })
})

describe('the note of a remediation', () => {
  const done = { finishedAt: NOW + 9_000, approval: { by: 'U0ANA', at: NOW }, title: 'Rolling restart' }

  it.each([
    ['succeeded', 'note:r-1', 'incbot: Rolling restart: succeeded'],
    ['failed', 'note:r-1', 'incbot: Rolling restart: failed'],
    // It may yet be heard of.
    ['unknown', 'note:r-1:unknown', 'incbot: Rolling restart: outcome unknown'],
  ] as const)('that is %s has the key %s', (state, key, title) => {
    const outcome = { result: state, text: '3 of 3 pods are new and ready.' }
    const [note] = notesOf(anIncident({ remediations: [aRemediation({ ...done, state, outcome })] }))
    expect(note?.key).toBe(key)
    expect(note?.text.split('\n').slice(0, 3)).toEqual([
      title,
      '3 of 3 pods are new and ready.',
      'Approved in Slack by U0ANA at 03:42 UTC.',
    ])
  })

  it.each(['proposed', 'approved', 'executing', 'following', 'rehearsed', 'void'] as const)(
    'is not written while it is %s',
    (state) => {
      const outcome = { result: 'void' as const, text: 'Nothing happened.' }
      expect(notesOf(anIncident({ remediations: [aRemediation({ ...done, state, outcome })] }))).toEqual([])
    },
  )
})

it('notes come in the order in which they came due', () => {
  const outcome = { result: 'succeeded' as const, text: 'Done.' }
  const remediations = [8_000, 2_000].map((ms) =>
    aRemediation({ id: `r-${ms}`, state: 'succeeded', outcome, finishedAt: NOW + ms }),
  )
  const incident = anIncident({ investigations: [anInvestigation()], remediations })
  expect(notesOf(incident).map(({ key }) => key)).toEqual(['note:r-2000', 'note:pd-Q1-i1', 'note:r-8000'])
})
