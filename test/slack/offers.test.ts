import { describe, expect, it } from '@jest/globals'
import type { Preflight, Remediation } from '../../src/domain/remediation.ts'
import { buttons } from '../../src/slack/render/buttons.ts'
import { content } from '../../src/slack/render/message.ts'
import { offerParagraphs } from '../../src/slack/render/offer.ts'
import { aBlockedRemediation, aFreeze, anIncident, aPlan, aRemediation, aService, aView, NOW } from './builders.ts'

const passed: Preflight = { what: 'permission', verdict: 'passed', text: 'incbot may patch it.' }
const caution: Preflight = {
  what: 'room on the nodes',
  verdict: 'caution',
  text: 'The surge pod fits on one node only.',
  fix: 'Free 4 GB on another.',
}
const unknown: Preflight = { what: 'disruption budget', verdict: 'unknown', text: 'The budgets could not be read.' }
const glass = aService({ breakGlass: { users: [], groups: ['S0GLASS'] } })

function viewOf(remediations: readonly Remediation[], service = aService()) {
  return aView({ incident: anIncident({ remediations }), service })
}

/** The lines of the one offer there is. */
function linesOf(remediation: Remediation, service = aService()): readonly string[] {
  return offerParagraphs(viewOf([remediation], service)).flatMap((paragraph) => paragraph.split('\n'))
}

function buttonsOf(remediations: readonly Remediation[], service = aService()) {
  return buttons(viewOf(remediations, service)).blocks.flatMap(({ elements }) =>
    elements.flatMap((one) => (one.type === 'button' ? [one] : [])),
  )
}

/** "action id: label" of every button. */
function labels(remediations: readonly Remediation[], service = aService()): readonly string[] {
  return buttonsOf(remediations, service).map(({ action_id, text }) => `${action_id}: ${text.text}`)
}

describe('an open offer', () => {
  it('says before anybody presses what will happen, what it costs and until when it is open', () => {
    expect(linesOf(aRemediation())).toEqual([
      '*Restart inference-prod* · open until 04:42 UTC',
      'Restart StatefulSet inference-prod (3 pods, one at a time). Each pod needs 4 min.',
    ])
  })

  it('names everything that was looked at in one line, the worst first, and spells out what did not simply pass', () => {
    const plan = aPlan({ preflight: [passed, { ...passed, what: 'dry run' }, caution, unknown] })
    expect(linesOf(aRemediation({ plan })).slice(2)).toEqual([
      'Looked at before: ⚠ room on the nodes · ? disruption budget · ✓ permission, dry run',
      '⚠ *room on the nodes*: The surge pod fits on one node only. Free 4 GB on another.',
      '? *disruption budget*: The budgets could not be read.',
    ])
  })

  it.each<readonly [string, Partial<Remediation>, readonly string[]]>([
    ['nobody yet', {}, ['*0 of 2 approved*']],
    [
      'one, and why that is not enough',
      { endorsements: [{ by: 'U0ADA', at: NOW }], approvalsBecause: 'it would be the third restart in 24 h' },
      ['*1 of 2 approved* (by <@U0ADA>): it would be the third restart in 24 h'],
    ],
    [
      'nobody yet, who is to say why',
      { reasonRequired: true },
      ['*0 of 2 approved*', 'Whoever approves it is asked for a reason.'],
    ],
  ])('says how many of those who must agree do: %s', (_who, change, expected) => {
    expect(linesOf(aRemediation({ approvalsNeeded: 2, ...change })).slice(2)).toEqual(expected)
  })

  it.each<readonly [string, Partial<Remediation>, string]>([
    ['one press', {}, 'remediate:rem-1: Restart inference-prod'],
    ['a reason', { reasonRequired: true }, 'remediate-why:rem-1: Restart inference-prod…'],
    ['two people', { approvalsNeeded: 2 }, 'remediate:rem-1: Approve 1 of 2: Restart inference-prod'],
    [
      'one more person and a reason',
      { approvalsNeeded: 2, reasonRequired: true, endorsements: [{ by: 'U0ADA', at: NOW }] },
      'remediate-why:rem-1: Approve 2 of 2: Restart inference-prod…',
    ],
  ])('has a button that says what it takes: %s', (_what, change, expected) => {
    expect(labels([aRemediation(change)])).toEqual([expected])
  })

  const dialogOf = (change: Partial<Remediation>) => buttonsOf([aRemediation(change)])[0]?.confirm
  it.each<readonly [string, Partial<Remediation>, string]>([
    [
      'as the plan says it',
      { plan: aPlan({ blastRadius: 'One pod of three is away for 4 min' }) },
      'One pod of three is away for 4 min.',
    ],
    [
      'in the words of the plan where it says nothing of its own',
      {},
      'Restart StatefulSet inference-prod (3 pods, one at a time).',
    ],
    [
      'with what nobody knows about it',
      { plan: aPlan({ blastRadius: 'One pod is away.', preflight: [passed, caution, unknown] }) },
      'One pod is away. Not known: disruption budget. With caution: room on the nodes.',
    ],
  ])('asks once more with the blast radius in a sentence: %s', (_how, change, expected) => {
    expect(dialogOf(change)?.text).toEqual({ type: 'plain_text', text: expected })
  })

  it('keeps what nobody knows in that dialog however long the blast radius is', () => {
    const plan = aPlan({ blastRadius: 'x'.repeat(400), preflight: [unknown] })
    const { text = '' } = dialogOf({ plan })?.text ?? {}
    expect(text).toHaveLength(300)
    expect(text).toMatch(/x… Not known: disruption budget\.$/)
  })

  it('asks for a step on the way where others must agree too, and for the deed where not', () => {
    expect([dialogOf({})?.confirm?.text, dialogOf({ approvalsNeeded: 2 })?.confirm?.text]).toEqual(['Do it', 'Approve'])
  })

  it('that needs a reason asks in a dialog of its own, not twice', () => {
    expect(dialogOf({ reasonRequired: true })).toBeUndefined()
  })
})

describe('an offer that cannot be carried out now', () => {
  it('says why, and what would mend it', () => {
    const lines = linesOf(aBlockedRemediation(), glass)
    expect(lines[0]).toBe(':no_entry: *Restart inference-prod* cannot be done now')
    expect(lines).toContain('✗ *freeze*: Somebody else froze it. Ask them to lift it.')
  })

  const closed = aBlockedRemediation({
    plan: aPlan({ preflight: [{ what: 'dry run', verdict: 'failed', text: 'Refused.' }] }),
  })
  it.each<readonly [string, Remediation, typeof glass, readonly string[], string]>([
    [
      'for whom the service lists',
      aBlockedRemediation(),
      glass,
      ['glass:rem-1: Break glass…'],
      'whom `breakGlass` lists',
    ],
    ['and none where nobody is listed', aBlockedRemediation(), aService(), [], 'no `breakGlass` is configured'],
    ['and none where the cluster itself would refuse', closed, glass, [], 'the cluster itself would refuse it'],
  ])('has no button but the one to break the glass, %s', (_who, remediation, service, expected, said) => {
    expect(labels([remediation], service)).toEqual(expected)
    expect(linesOf(remediation, service).at(-1)).toContain(said)
  })
})

describe('the buttons', () => {
  const following = aRemediation({ id: 'on', state: 'following' })

  it('are gone for whatever is not open, under way or about to end', () => {
    const states = ['approved', 'executing', 'succeeded', 'failed', 'halted', 'rehearsed', 'void', 'unknown'] as const
    expect(labels([...states.map((state) => aRemediation({ id: state, state })), aFreeze()], glass)).toEqual([])
  })

  it('stop what is under way, until it is being stopped', () => {
    const halting = { ...following, halt: { at: NOW, by: 'U0ADA', reason: 'x' } }
    expect([labels([following]), labels([halting])]).toEqual([['abort:on: Stop'], []])
  })

  it('extend a freeze of whose end people were reminded, until it ended', () => {
    const reminded = aFreeze({ freeze: { remindedAt: NOW } })
    const over = { ...reminded, ended: { at: NOW, by: 'expiry' } }
    expect([labels([reminded]), labels([over])]).toEqual([['extend:freeze-1: Extend by 2 h'], []])
  })

  it('say which of several they are about', () => {
    const two = [following, { ...following, id: 'too' }]
    expect(labels(two)).toEqual(['abort:on: Stop: Restart inference-prod', 'abort:too: Stop: Restart inference-prod'])
  })

  it('come in rows of five, what stops something first', () => {
    const open = Array.from({ length: 6 }, (_, index) => aRemediation({ id: `r${index}` }))
    const { blocks, left } = buttons(viewOf([...open, following]))
    expect(blocks.map(({ block_id, elements }) => [block_id, elements.length])).toEqual([
      ['remediations', 5],
      ['remediations-2', 2],
    ])
    expect(blocks[0]?.elements[0]).toMatchObject({ action_id: 'abort:on' })
    expect(left).toBe(0)
  })

  it('leave room for what the card says, and are counted where they did not fit', () => {
    const plan = aPlan({ button: '"'.repeat(100), blastRadius: '"'.repeat(400) })
    const many = Array.from({ length: 40 }, (_, index) => aRemediation({ id: `r${index}`, plan }))
    const { blocks, left } = buttons(viewOf(many))
    const shown = blocks.flatMap(({ elements }) => elements).length
    expect(shown).toBeGreaterThan(3)
    expect(shown + left).toBe(40)
    expect(JSON.stringify(content(['x'.repeat(20_000)], blocks).blocks).length).toBeLessThan(13_000)
  })
})
