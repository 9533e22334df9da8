import { describe, expect, it } from '@jest/globals'
import type { Incident, Investigation } from '../../src/domain/incident.ts'
import type { Remediation } from '../../src/domain/remediation.ts'
import type { EffectVerdict } from '../../src/domain/verification.ts'
import { notesOf, noteText } from '../../src/pagerduty/note-text.ts'
import { aDiagnosis, aRemediation } from '../builders.ts'
import { anIncident, NOW } from '../contract/records.ts'

const DIAGNOSIS = aDiagnosis({
  leading: { id: 'leak', title: 'Leak', confidence: 0.97, weights: [] },
  conclusion: 'Old model versions are never freed: 498 MB per deploy',
  says: ['Memory is at 31.2 GB of 32 GB.'],
  ruledOut: ['traffic', 'a slow leak'],
  unknown: ['Nodes could not be read (403).'],
  now: ['Freeze model deploys', 'Restart one pod at a time'],
  fix: ['Evict old versions.'],
  answered: 3,
  asked: 4,
})

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
const END = { sequence: 41, hash: `0123456789abcdef${'f'.repeat(48)}` }
/** What is written, line by line, without the mark. */
const written = (incident: Incident) => notesOf(incident).map((note) => noteText(note, END).split('\n').slice(0, -1))
const keysOf = (...investigations: Investigation[]) => notesOf(anIncident({ investigations })).map(({ key }) => key)

describe('the note of a diagnosis', () => {
  it('names a few of those that joined the incident, which have no note of their own', () => {
    const member = (id: number) =>
      ({ id: `am-${id}`, title: `alert ${id}`, status: 'triggered', statusAt: NOW, since: NOW }) as const
    const own = { status: 'triggered', statusAt: NOW } as const
    const joined = { own, count: 37, open: [], openBeyond: 0, first: [1, 2, 3].map(member), last: [] }
    const [note] = written(anIncident({ investigations: [anInvestigation()], joined }))
    expect(note).toContain('Also about 37 more alerts: alert 1; alert 2; alert 3; …')
    const [one] = written(
      anIncident({ investigations: [anInvestigation()], joined: { ...joined, count: 1, first: [member(1)] } }),
    )
    expect(one).toContain('Also about 1 more alert: alert 1')
  })

  it('says in plain text what the card says, and ends with a mark of its own', () => {
    const [note] = notesOf(anIncident({ investigations: [anInvestigation()] }))
    if (note === undefined) throw new Error('There is one note.')
    expect(noteText(note, END).split('\n')).toEqual([
      'incbot: Old model versions are never freed: 498 MB per deploy',
      'Confidence 0.97; 3 of 4 checks answered.',
      'Memory is at 31.2 GB of 32 GB.',
      'Unlikely: traffic; a slow leak.',
      'Unknown: Nodes could not be read (403).',
      'Now: 1) Freeze model deploys',
      '2) Restart one pod at a time',
      'Fix: Evict old versions.',
      'audit head 41:0123456789abcdef',
      expect.stringMatching(/^incbot ref [0-9a-f]{12}$/),
    ])
    const marker = noteText(note, END).split('\n').at(-1)
    expect(note).toMatchObject({ key: 'note:pd-Q1-i1', since: NOW + 4_000, marker })
    expect(noteText(note, undefined)).toBe(`${note.body}\n${marker}`)
  })

  it('says where nothing leads', () => {
    const { leading: _, ...open } = DIAGNOSIS
    const [note] = notesOf(anIncident({ investigations: [anInvestigation({ diagnosis: open })] }))
    expect(note?.body).toContain('\nNothing leads; 3 of 4 checks answered.\n')
  })

  it('stays within bounds and keeps its head and its mark, whatever the diagnosis holds', () => {
    const endless = Array.from({ length: 100 }, () => `${'x\n\u0007'.repeat(5_000)}`)
    const diagnosis = { ...DIAGNOSIS, conclusion: endless.join(''), says: endless, ruledOut: endless, now: endless }
    const [note] = notesOf(anIncident({ investigations: [anInvestigation({ diagnosis })] }))
    const text = note === undefined ? '' : noteText(note, END)
    expect(text.length).toBeLessThan(5_100)
    expect(text).toMatch(/\naudit head 41:0123456789abcdef\nincbot ref [0-9a-f]{12}$/)
    expect(text).not.toContain('\u0007')
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
    ['halted', 'note:r-1', 'incbot: Rolling restart: halted'],
    // It may yet be heard of.
    ['unknown', 'note:r-1:unknown', 'incbot: Rolling restart: outcome unknown'],
  ] as const)('that is %s has the key %s', (state, key, title) => {
    const outcome = { result: state, text: '3 of 3 pods are new and ready.' }
    const [note] = notesOf(anIncident({ remediations: [aRemediation({ ...done, state, outcome })] }))
    expect(note?.key).toBe(key)
    expect(note?.body.split('\n')).toEqual([
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

describe('the note of a broken glass', () => {
  const approval = {
    by: 'U0ANA',
    name: 'Ana',
    at: NOW + 1_000,
    basis: 'break-glass',
    reason: 'Checkout loses orders.\nincbot ref 000000000000',
    overrode: ['Deploys are frozen by U0BEA.', 'No node has room for a surge pod.'],
  } as const

  it('is loud: who, why, and what was overridden, as soon as it was approved', () => {
    const remediation = aRemediation({ state: 'approved', title: 'Rolling restart', approval })
    expect(written(anIncident({ remediations: [remediation] }))).toEqual([
      [
        'incbot: GLASS BROKEN: Rolling restart',
        'Ana (U0ANA) went over what stood against it, at 03:42 UTC: Rolling restart of StatefulSet ml/inference-prod.',
        'Reason: Checkout loses orders. incbot ref 000000000000',
        'Overridden: Deploys are frozen by U0BEA.',
        'Overridden: No node has room for a surge pod.',
        'audit head 41:0123456789abcdef',
      ],
    ])
  })

  it('is followed by another one of what became of it', () => {
    const outcome = { result: 'succeeded', text: '3 of 3 pods are new and ready.' } as const
    const remediation = aRemediation({ state: 'succeeded', approval, outcome, finishedAt: NOW + 90_000 })
    const notes = notesOf(anIncident({ remediations: [remediation] }))
    expect(notes.map(({ key, since }) => [key, since - NOW])).toEqual([
      ['note:r-1:glass', 1_000],
      ['note:r-1', 90_000],
    ])
  })

  it.each<[string, Partial<Remediation>]>([
    ['an approval by somebody on call', { state: 'approved', approval: { ...approval, basis: 'on-call' } }],
    ['a rehearsal, which overrides nothing', { state: 'rehearsed', approval }],
    ['an offer', { state: 'blocked' }],
  ])('is not written of %s', (_what, change) => {
    expect(written(anIncident({ remediations: [aRemediation(change)] }))).toEqual([])
  })
})

describe('the note of a verdict', () => {
  const aVerdict = (verdict: EffectVerdict['verdict'], change: Partial<Investigation> = {}) => {
    const { diagnosis: _, ...verification } = anInvestigation({ id: 'v1', reason: 'verification', verifies: 'r-1' })
    return { ...verification, verdict: { verdict, text: '2 of 3 checks that had failed are better.' }, ...change }
  }
  const remediations = [aRemediation({ title: 'Rolling restart' })]

  it.each(['fixed', 'mitigated', 'unchanged', 'worse', 'unknown'] as const)('says %s in this word', (verdict) => {
    const followUp = ['18.8 GB freed; the next limit is in 2.2 h.']
    const [lines] = written(anIncident({ remediations, investigations: [aVerdict(verdict, { followUp })] }))
    expect(lines).toEqual([
      `incbot: measured after Rolling restart: ${verdict}`,
      '2 of 3 checks that had failed are better.',
      '18.8 GB freed; the next limit is in 2.2 h.',
      'audit head 41:0123456789abcdef',
    ])
    expect(lines?.join(' ')).not.toMatch(/resolved/i)
  })

  it('is one for each measurement, and none while it runs', () => {
    const again = aVerdict('fixed', { id: 'v2', finishedAt: NOW + 9_000 })
    const { finishedAt: _, verdict: _none, ...running } = aVerdict('worse', { id: 'v3', state: 'running' })
    const investigations = [again, aVerdict('mitigated'), running]
    expect(notesOf(anIncident({ remediations, investigations })).map(({ key }) => key)).toEqual(['note:v1', 'note:v2'])
  })

  it('stands also where the remediation is no longer known', () => {
    const [lines] = written(anIncident({ investigations: [aVerdict('mitigated')] }))
    expect(lines?.[0]).toBe('incbot: measured after the remediation: mitigated')
  })
})

it('notes come in the order in which they came due', () => {
  const outcome = { result: 'succeeded' as const, text: 'Done.' }
  const remediations = [8_000, 2_000].map((ms) =>
    aRemediation({ id: `r-${ms}`, state: 'succeeded', outcome, finishedAt: NOW + ms }),
  )
  const incident = anIncident({ investigations: [anInvestigation()], remediations })
  expect(notesOf(incident).map(({ key }) => key)).toEqual(['note:r-2000', 'note:pd-Q1-i1', 'note:r-8000'])
})
