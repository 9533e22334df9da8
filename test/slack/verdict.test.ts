import { describe, expect, it } from '@jest/globals'
import type { Investigation } from '../../src/domain/incident.ts'
import type { EffectVerdict } from '../../src/domain/verification.ts'
import { plan } from '../../src/slack/desired.ts'
import { verificationLines } from '../../src/slack/render/verification.ts'
import { aFinding, aFinishedInvestigation, anIncident, anInvestigation, aRemediation, aView, NOW } from './builders.ts'

const restart = aRemediation({ state: 'succeeded', approval: { by: 'U0ADA', at: NOW }, finishedAt: NOW })
const memoryAt = (bytes: number) => [
  aFinding({ charts: [], facts: [{ id: 'level', label: 'Memory', value: bytes, unit: 'bytes' }] }),
]

function measured(id: string, verdict: EffectVerdict['verdict'], change: Partial<Investigation> = {}): Investigation {
  return aFinishedInvestigation({
    id,
    reason: 'verification',
    verifies: 'rem-1',
    findings: memoryAt(12.4e9),
    verdict: { verdict, text: 'None of the 1 check that had failed is clear yet, but it is less bad.' },
    followUp: ['18.8 GB freed; the leak persists.', 'Next: Set cache.max to what fits.'],
    ...change,
  })
}

function viewOf(...measurements: readonly Investigation[]) {
  return aView({
    incident: anIncident({ investigations: [aFinishedInvestigation(), ...measurements], remediations: [restart] }),
  })
}

const verdictPosts = (...measurements: readonly Investigation[]) =>
  plan(viewOf(...measurements))
    .posts.map(({ key }) => key.replace('slack:pd-Q1:', ''))
    .filter((key) => key.startsWith('verdict:'))

describe('a verdict', () => {
  it('comes first, in its own word, then what changed, what that bought and what is next', () => {
    expect(verificationLines(viewOf(measured('v1', 'mitigated')))).toEqual([
      ':large_yellow_circle: *mitigated*: None of the 1 check that had failed is clear yet, but it is less bad.',
      ':bar_chart: After “Restart inference-prod” (03:42 UTC): memory 31.2 GB → 12.4 GB. 18.8 GB freed; the leak persists. Next: Set cache.max to what fits.',
    ])
  })

  it.each<readonly [EffectVerdict['verdict'], string]>([
    ['fixed', ':large_green_circle: *fixed*'],
    ['mitigated', ':large_yellow_circle: *mitigated*'],
    ['unchanged', ':white_circle: *unchanged*'],
    ['worse', ':red_circle: *worse*'],
    ['unknown', ':grey_question: *unknown*'],
  ])('%s is never called resolved', (verdict, expected) => {
    const said = verificationLines(viewOf(measured('v1', verdict))).join('\n')
    expect(said).toContain(expected)
    expect(said).not.toMatch(/resolved/i)
  })

  it('gives way to the one of the second measurement, which says what it was before', () => {
    const lines = verificationLines(
      viewOf(measured('v1', 'fixed'), measured('v2', 'worse', { findings: memoryAt(31.9e9) })),
    )
    expect(lines[0]).toMatch(/^:red_circle: \*worse\*, was fixed before:/)
    expect(lines[1]).toMatch(/^:grey_question: .* no figure of the checks has changed\./)
    expect(lines).toHaveLength(2)
  })

  it('stays while it is measured again', () => {
    const again = anInvestigation({ id: 'v2', reason: 'verification', verifies: 'rem-1' })
    const lines = verificationLines(viewOf(measured('v1', 'mitigated'), again))
    expect(lines[0]).toContain('*mitigated*')
    expect(lines.at(-1)).toBe(':mag: Measuring what “Restart inference-prod” changed…')
  })

  it('rests on what the offer rested on, not on a newer diagnosis', () => {
    const newer = aFinishedInvestigation({ id: 'i2', reason: 'requested', findings: memoryAt(20e9) })
    const view = viewOf(measured('v1', 'mitigated'), newer)
    const remediations = [{ ...restart, investigationId: 'pd-Q1-i1' }]
    const lines = verificationLines({ ...view, incident: { ...view.incident, remediations } })
    expect(lines[1]).toContain('memory 31.2 GB → 12.4 GB')
  })

  it.each<readonly [string, readonly EffectVerdict['verdict'][], readonly string[]]>([
    ['the first', ['mitigated'], ['verdict:v1']],
    ['not the same once more', ['mitigated', 'mitigated'], ['verdict:v1']],
    ['one that time has changed', ['fixed', 'worse'], ['verdict:v1', 'verdict:v2']],
  ])('is posted to the thread when it is news: %s', (_what, verdicts, expected) => {
    expect(verdictPosts(...verdicts.map((verdict, index) => measured(`v${index + 1}`, verdict)))).toEqual(expected)
  })

  it('is not posted before there is one', () => {
    expect(verdictPosts(anInvestigation({ id: 'v1', reason: 'verification', verifies: 'rem-1' }))).toEqual([])
  })
})
