import { describe, expect, it } from '@jest/globals'
import { apply } from '../../src/domain/apply/index.ts'
import type { PersonFacts } from '../../src/domain/authorize.ts'
import type { Person } from '../../src/domain/event.ts'
import type { Incident, Investigation } from '../../src/domain/incident.ts'
import type { Preflight, RefusalCode, Remediation } from '../../src/domain/remediation.ts'
import type { ApprovalPolicy, Service } from '../../src/domain/service.ts'
import type { Directory, Ports } from '../../src/pipeline/ports.ts'
import { standingFor } from '../../src/pipeline/standing.ts'
import { aDiagnosis, aFinding, anIncident, aPlan, aRemediation, aService, NOW } from '../builders.ts'

const LISTED = 'U0ANA'
const IN_GROUP = 'U0GIL'
const ON_CALL = 'U0OLA'
const STRANGER = 'U0BEN'
const GLASS = 'U0SRE'

/** What the directories say about everybody unless a case says otherwise. */
const PEOPLE: Readonly<Record<string, PersonFacts>> = {
  [LISTED]: person('ana@example.com'),
  [IN_GROUP]: person('gil@example.com'),
  [ON_CALL]: person('ola@example.com'),
  [STRANGER]: person('ben@example.com'),
  [GLASS]: person('sre@example.com'),
}

const LEADING: Investigation = {
  id: 'i-1',
  reason: 'opened',
  state: 'finished',
  startedAt: NOW - 10_000,
  finishedAt: NOW - 5_000,
  checks: 1,
  findings: [aFinding({ severity: 'critical' })],
  diagnosis: aDiagnosis({ leading: { id: 'leak', title: 'A leak', confidence: 0.97, weights: [] } }),
}
const leadingTo = (id: string | undefined): Investigation => {
  const { leading, ...rest } = LEADING.diagnosis ?? ({} as never) // it has one, a few lines above
  return { ...LEADING, diagnosis: { ...rest, ...(id !== undefined && leading && { leading: { ...leading, id } }) } }
}

const blocked = (overridable: boolean): Partial<Remediation> => ({
  state: 'blocked',
  plan: aPlan({ preflight: [failed('A rollout is already running.', overridable)] }),
})
function failed(text: string, overridable: boolean): Preflight {
  return { what: 'rollout', verdict: 'failed', text, fix: 'Wait for it.', overridable }
}

interface Case {
  readonly user?: string
  readonly reason?: string
  readonly breakGlass?: boolean
  readonly service?: Partial<Service>
  /** Of rolling restarts. */
  readonly policy?: ApprovalPolicy
  readonly remediation?: Partial<Remediation>
  readonly incident?: Partial<Incident>
  readonly facts?: Partial<PersonFacts> | 'unknown'
  readonly groups?: readonly string[] | 'unknown'
  readonly onCall?: readonly string[] | 'unknown'
  readonly off?: string
  readonly remediationId?: string
  readonly now?: number
}

type Expected =
  | { readonly allowed: Remediation['state']; readonly basis?: string }
  | { readonly refused: RefusalCode; readonly says: string }

const twoPeople: ApprovalPolicy = { approvals: 2 }
const endorsedBy = (by: string, email: string | undefined): Partial<Remediation> => ({
  approvalsNeeded: 2,
  endorsements: [{ by, at: NOW - 1_000, ...(email !== undefined && { email }) }],
})
const onCallOnly = { approvers: { users: [], groups: [], onCall: true } }

const CASES: readonly (readonly [who: string, case_: Case, expected: Expected])[] = [
  // Who may
  ['somebody listed by name', {}, { allowed: 'approved', basis: 'listed' }],
  ['a member of an approver group', { user: IN_GROUP, groups: ['S0ONCALL'] }, { allowed: 'approved', basis: 'group' }],
  [
    'whoever is on call now',
    { user: ON_CALL, service: onCallOnly, onCall: ['ola@example.com'] },
    { allowed: 'approved', basis: 'on-call' },
  ],
  [
    'somebody who is not on call',
    { user: STRANGER, service: onCallOnly, onCall: ['ola@example.com'] },
    { refused: 'not-approver', says: 'whoever is on call in PagerDuty' },
  ],
  [
    'whoever was on call until a moment ago',
    { user: ON_CALL, service: onCallOnly, onCall: [] },
    { refused: 'not-approver', says: 'whoever is on call in PagerDuty' },
  ],
  [
    'whoever is on call, while PagerDuty cannot say so',
    { user: ON_CALL, service: onCallOnly, onCall: 'unknown' },
    { refused: 'cannot-tell', says: 'PagerDuty could not tell who is on call' },
  ],
  [
    'somebody listed, while PagerDuty cannot say who is on call',
    { service: { approvers: { users: [LISTED], groups: [], onCall: true } }, onCall: 'unknown' },
    { allowed: 'approved', basis: 'listed' },
  ],
  [
    'whoever is on call, whose address Slack has not confirmed',
    { user: ON_CALL, service: onCallOnly, onCall: ['ola@example.com'], facts: { email: undefined as never } },
    { refused: 'cannot-tell', says: 'no confirmed e-mail address' },
  ],
  [
    'whoever is on call, whom Slack knows nothing of now',
    { user: ON_CALL, service: onCallOnly, onCall: ['ola@example.com'], facts: 'unknown' },
    { refused: 'cannot-tell', says: 'Slack could not tell who you are' },
  ],
  [
    'whoever is on call, where no escalation policy is known',
    {
      user: ON_CALL,
      service: onCallOnly,
      incident: { origin: 'command', pagerduty: undefined as never },
      onCall: ['ola@example.com'],
    },
    { refused: 'cannot-tell', says: 'PagerDuty could not tell' },
  ],
  [
    'whoever is on call for the policy that the catalogue names',
    {
      user: ON_CALL,
      service: { ...onCallOnly, escalationPolicyId: 'PEP2' },
      incident: { origin: 'command', pagerduty: undefined as never },
      onCall: ['ola@example.com'],
    },
    { allowed: 'approved', basis: 'on-call' },
  ],
  ['somebody on no list', { user: STRANGER }, { refused: 'not-approver', says: `Who may: <@${LISTED}>` }],
  [
    'somebody who has left the group',
    { user: IN_GROUP, groups: [] },
    { refused: 'not-approver', says: '<!subteam^S0ONCALL>' },
  ],
  [
    'a member of some other group',
    { user: STRANGER, groups: ['S0OTHER'] },
    { refused: 'not-approver', says: 'Who may' },
  ],
  [
    'somebody of whom Slack cannot tell the groups',
    { user: IN_GROUP, groups: 'unknown' },
    { refused: 'cannot-tell', says: 'Slack could not tell whether you are in <!subteam^S0ONCALL>' },
  ],
  ['somebody listed, while Slack can tell nothing', { groups: 'unknown', facts: 'unknown' }, { allowed: 'approved' }],
  [
    'anybody, where no approvers are configured',
    { service: { approvers: { users: [], groups: [] } } },
    { refused: 'nobody-may', says: 'Add some under `approvers`' },
  ],
  [
    'an approver of the service, where this kind of fix has others',
    { policy: { approvers: { users: ['U0LEAD'], groups: [] } } },
    { refused: 'not-approver', says: '<@U0LEAD>' },
  ],
  [
    'an approver of this kind of fix, who is none of the service',
    { user: STRANGER, policy: { approvers: { users: [STRANGER], groups: [] } } },
    { allowed: 'approved', basis: 'listed' },
  ],
  // Who is nobody's to approve with
  ['a bot that is listed', { facts: { bot: true } }, { refused: 'not-a-person', says: 'A bot may approve nothing' }],
  ['a guest who is listed', { facts: { guest: true } }, { refused: 'guest', says: 'Guests of the workspace' }],
  [
    'somebody listed whose account was closed',
    { facts: { deactivated: true } },
    { refused: 'not-a-person', says: 'deactivated' },
  ],
  // The service, and incbot itself
  ['anybody, while incbot is off', { off: 'by U0EVE' }, { refused: 'switched-off', says: '/inc on' }],
  ['anybody, in observe mode', { service: { mode: 'observe' } }, { refused: 'observe-only', says: 'mode: act' }],
  ['an approver, in propose mode', { service: { mode: 'propose' } }, { allowed: 'rehearsed' }],
  // The offer
  [
    'an approver, for an id that nobody offered',
    { remediationId: 'r-forged' },
    { refused: 'unknown-proposal', says: 'nothing was started' },
  ],
  [
    'an approver, after it expired',
    { now: NOW + 15 * 60_000 },
    { refused: 'expired', says: '/inc diagnose inference' },
  ],
  ['an approver, in its last moment', { now: NOW + 15 * 60_000 - 1 }, { allowed: 'approved' }],
  [
    'an approver, when somebody was faster',
    { remediation: { state: 'approved', approval: { by: IN_GROUP, at: NOW } } },
    { refused: 'already-used', says: 'under way' },
  ],
  [
    'an approver, while it is under way',
    { remediation: { state: 'executing' } },
    { refused: 'already-used', says: 'under way' },
  ],
  [
    'an approver, once it is over',
    { remediation: { state: 'succeeded' } },
    { refused: 'already-used', says: 'is over' },
  ],
  [
    'an approver, when nobody knows whether it happened',
    { remediation: { state: 'unknown' } },
    { refused: 'already-used', says: 'Nothing was started a second time' },
  ],
  [
    'an approver, after the target was changed',
    {
      remediation: {
        state: 'void',
        outcome: { result: 'void', text: 'It was changed (generation 3 → 4).', because: 'target-changed' },
      },
    },
    { refused: 'target-changed', says: 'generation 3 → 4' },
  ],
  [
    'an approver, after the incident was resolved',
    { incident: { status: 'resolved' } },
    { refused: 'incident-closed', says: 'resolved' },
  ],
  [
    'an approver, when another explanation leads',
    { incident: { investigations: [leadingTo('traffic')] } },
    { refused: 'diagnosis-changed', says: 'another explanation leads' },
  ],
  [
    'an approver, when nothing leads any more',
    { incident: { investigations: [leadingTo(undefined)] } },
    { refused: 'diagnosis-changed', says: 'or none' },
  ],
  [
    'an approver, when it is less bad than it was',
    { incident: { investigations: [{ ...LEADING, findings: [aFinding({ severity: 'medium' })] }] } },
    { refused: 'diagnosis-changed', says: 'it is now medium, and was critical' },
  ],
  [
    'an approver, when a check after another fix shows it no more',
    {
      remediation: { verifyAfterMs: 1 },
      incident: {
        investigations: [LEADING, { ...leadingTo(undefined), id: 'i-2', reason: 'verification', finishedAt: NOW }],
      },
    },
    { refused: 'diagnosis-changed', says: 'or none' },
  ],
  [
    'an approver of what is not measured, whatever a check after another fix shows',
    {
      incident: {
        investigations: [LEADING, { ...leadingTo(undefined), id: 'i-2', reason: 'verification', finishedAt: NOW }],
      },
    },
    { allowed: 'approved' },
  ],
  // How many, and who asked
  [
    'the first of two',
    { policy: twoPeople, remediation: { approvalsNeeded: 2 } },
    { allowed: 'proposed', basis: 'listed' },
  ],
  [
    'the second of two',
    { user: IN_GROUP, groups: ['S0ONCALL'], remediation: endorsedBy(LISTED, 'ana@example.com') },
    { allowed: 'approved', basis: 'group' },
  ],
  [
    'the same account twice',
    { remediation: endorsedBy(LISTED, 'ana@example.com') },
    { refused: 'same-person', says: '2 different people' },
  ],
  [
    'the same human with another account',
    {
      user: IN_GROUP,
      groups: ['S0ONCALL'],
      facts: { email: 'ana@example.com' },
      remediation: endorsedBy(LISTED, 'ana@example.com'),
    },
    { refused: 'same-person', says: 'counts once whatever the account' },
  ],
  [
    'a second whom nothing tells apart from the first',
    {
      user: IN_GROUP,
      groups: ['S0ONCALL'],
      facts: { email: undefined as never },
      remediation: endorsedBy(LISTED, 'ana@example.com'),
    },
    { refused: 'cannot-tell', says: 'no confirmed e-mail address' },
  ],
  [
    'who asked for it, where somebody else must approve',
    { policy: { requesterMayApprove: false }, remediation: { requestedBy: LISTED } },
    { refused: 'requester', says: 'You asked for' },
  ],
  [
    'who asked for it, where that is allowed',
    { remediation: { requestedBy: LISTED } },
    { allowed: 'approved', basis: 'listed' },
  ],
  // Reasons
  [
    'an approver without the reason that is needed',
    { remediation: { reasonRequired: true }, reason: '   ' },
    { refused: 'reason-missing', says: 'needs a reason' },
  ],
  [
    'an approver with the reason that is needed',
    { remediation: { reasonRequired: true }, reason: 'memory at 97 %' },
    { allowed: 'approved' },
  ],
  // What cannot be done now, and going over it
  [
    'an approver, for what a preflight forbids',
    { remediation: blocked(true) },
    { refused: 'blocked', says: 'A rollout is already running. Wait for it.' },
  ],
  [
    'who may break the glass, with a reason',
    { user: GLASS, breakGlass: true, reason: 'the rollout hangs', remediation: blocked(true) },
    { allowed: 'approved', basis: 'break-glass' },
  ],
  [
    'who may break the glass by group',
    {
      user: STRANGER,
      groups: ['S0LEADS'],
      breakGlass: true,
      reason: 'the rollout hangs',
      remediation: blocked(true),
      service: { breakGlass: { users: [], groups: ['S0LEADS'] } },
    },
    { allowed: 'approved', basis: 'break-glass' },
  ],
  [
    'who may break the glass, without a reason',
    { user: GLASS, breakGlass: true, remediation: blocked(true) },
    { refused: 'reason-missing', says: 'needs a reason' },
  ],
  [
    'an approver who may not break the glass',
    { breakGlass: true, reason: 'let me', remediation: blocked(true) },
    { refused: 'not-break-glass', says: `Who may: <@${GLASS}>` },
  ],
  [
    'anybody, where nobody may break the glass',
    {
      breakGlass: true,
      reason: 'let me',
      remediation: blocked(true),
      service: { breakGlass: { users: [], groups: [] } },
    },
    { refused: 'not-break-glass', says: 'no `breakGlass` is configured' },
  ],
  [
    'who may break the glass, where the cluster itself would refuse',
    { user: GLASS, breakGlass: true, reason: 'let me', remediation: blocked(false) },
    { refused: 'blocked', says: 'the cluster itself would refuse it' },
  ],
  [
    'who may break the glass, where nothing stands in the way',
    { user: GLASS, breakGlass: true, reason: 'let me' },
    { refused: 'blocked', says: 'there is no glass to break' },
  ],
  [
    'who may break the glass, while incbot is off',
    { user: GLASS, breakGlass: true, reason: 'let me', remediation: blocked(true), off: 'by U0EVE' },
    { refused: 'switched-off', says: '/inc on' },
  ],
  [
    'who may break the glass, for another diagnosis',
    {
      user: GLASS,
      breakGlass: true,
      reason: 'let me',
      remediation: blocked(true),
      incident: { investigations: [leadingTo('traffic')] },
    },
    { refused: 'diagnosis-changed', says: 'another explanation leads' },
  ],
  [
    'a bot that may break the glass',
    { user: GLASS, breakGlass: true, reason: 'let me', remediation: blocked(true), facts: { bot: true } },
    { refused: 'not-a-person', says: 'A bot' },
  ],
]

/** Cases whose expectation is of one kind, each under the name of who presses. */
function casesWith<Kind extends 'allowed' | 'refused'>(kind: Kind) {
  return CASES.flatMap(([who, given, expected]) =>
    kind in expected ? [[who, given, expected as Extract<Expected, Record<Kind, unknown>>] as const] : [],
  )
}

describe('a press', () => {
  it.each(casesWith('allowed'))('by %s counts', async (_who, given, { allowed, basis }) => {
    const { after, refusal, entry } = await press(given)
    const approval = after.approval ?? after.endorsements?.at(-1)
    expect(refusal).toBeUndefined()
    expect(after.state).toBe(allowed)
    expect(approval).toMatchObject({ by: given.user ?? LISTED, ...(basis !== undefined && { basis }) })
    expect(entry.data).toMatchObject({ evidence: { investigationId: expect.any(String) } })
  })

  it.each(casesWith('refused'))('by %s is refused', async (_who, given, { refused, says }) => {
    const { before, after, refusal, entry } = await press(given)
    expect(entry).toMatchObject({ type: 'refused', data: { code: refused } })
    expect(refusal).toContain(says)
    expect(after).toEqual(before)
  })

  it('is decided in more cases than anybody would try by hand', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(40)
    expect(new Set(CASES.map(([who]) => who)).size).toBe(CASES.length)
  })
})

async function press(given: Case) {
  const service = aService({
    approvers: { users: [LISTED], groups: ['S0ONCALL'] },
    breakGlass: { users: [GLASS], groups: [] },
    ...(given.policy && { approval: { 'rolling-restart': given.policy } }),
    ...given.service,
  })
  const before = aRemediation({ hypothesis: 'leak', severity: 'critical', ...given.remediation })
  const incident = anIncident({
    pagerduty: { incidentId: 'Q1', serviceId: 'PSVC1', serviceName: 'inference', escalationPolicyId: 'PEP1' },
    investigations: [LEADING],
    remediations: [before],
    ...given.incident,
  })
  const by: Person = { workspace: 'T1', user: given.user ?? LISTED }
  const event = {
    type: 'clicked',
    requestId: 'click-1',
    remediationId: given.remediationId ?? before.id,
    by,
    channel: 'C0ML',
    ...(given.reason !== undefined && { reason: given.reason }),
    ...(given.breakGlass !== undefined && { breakGlass: given.breakGlass }),
  } as const
  const standing = await standingFor(portsFor(service, given), incident, event)
  const applied = apply(incident, incident.id, event, {
    now: given.now ?? NOW,
    serviceByName: (name) => (name === service.name ? service : undefined),
    serviceByPagerDutyId: () => undefined,
    standing,
  })
  const [after] = applied?.incident.remediations ?? []
  const [entry] = applied?.timeline ?? []
  if (after === undefined || entry === undefined) throw new Error('A press always leaves a line in the timeline.')
  return { before, after, entry, refusal: applied?.incident.refusals[0]?.text }
}

function portsFor(service: Service, { user = LISTED, facts, groups = [], onCall = [], off }: Case): Ports {
  const known = PEOPLE[user] ?? person(undefined)
  const directory: Directory = {
    groupsOf: async () => groups,
    factsOf: async () => (facts === 'unknown' ? 'unknown' : { ...known, ...facts }),
    onCall: async () => onCall,
    alertLabels: async () => 'unknown',
  }
  const catalogue = { services: [service], byName: () => service, byPagerDutyId: () => service }
  // Nothing else is asked in order to know where somebody stands.
  return { directory, catalogue: () => catalogue, switchedOff: async () => off } as unknown as Ports
}

function person(email: string | undefined): PersonFacts {
  return { ...(email !== undefined && { email }), bot: false, guest: false, deactivated: false }
}
