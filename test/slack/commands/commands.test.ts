import { describe, expect, it } from '@jest/globals'
import { parseDuration } from '../../../src/config/quantities.ts'
import type { Freeze, FreezeTerms } from '../../../src/domain/freeze.ts'
import type { Incident } from '../../../src/domain/incident.ts'
import type { Commands } from '../../../src/pipeline/commands.ts'
import type { BotPorts } from '../../../src/slack/bot-ports.ts'
import { runCommand } from '../../../src/slack/commands/index.ts'
import { createFairUse } from '../../../src/slack/fair-use.ts'
import { type Asked, fakeCommands } from '../bot-world.ts'
import { aCatalogue, aFinishedInvestigation, aLogger, anIncident, aRemediation, aService, NOW } from '../builders.ts'

const ada = { workspace: 'T1', user: 'U0ADA' }
const grace = { workspace: 'T1', user: 'U0GRACE' }

function setting(
  change: Partial<BotPorts> = {},
  commands: Partial<Commands> = {},
): { readonly ports: BotPorts; readonly asked: Asked[] } {
  const asked: Asked[] = []
  const ports: BotPorts = {
    commands: fakeCommands(asked, commands),
    catalogue: () => aCatalogue(aService(), aService({ name: 'checkout' }), aService({ name: 'training' })),
    admins: { users: ['U0ADA'], groups: [] },
    switchOff: async (by, reason) => {
      asked.push(['switchOff', by, reason])
    },
    switchOn: async (by) => {
      asked.push(['switchOn', by])
    },
    parseDuration,
    log: aLogger(),
    incidentOf: async () => undefined,
    now: () => NOW,
    call: async () => ({}),
    groupsOf: async () => [],
    cardDelayMs: () => 0,
    fairUse: createFairUse({ now: () => NOW }),
    command: '/inc',
    ...change,
  }
  return { ports, asked }
}

async function say(text: string, by = ada, ...given: Parameters<typeof setting>) {
  const { ports, asked } = setting(...given)
  return { said: await runCommand(ports, { by, channel: 'C1', key: 'k', text }), asked }
}

describe('a command', () => {
  const done: readonly (readonly [string, Asked])[] = [
    ['diagnose inference', ['diagnose', 'inference', ada, 'C1', 'k']],
    ['  DIAGNOSE   Inference  ', ['diagnose', 'inference', ada, 'C1', 'k']],
    ['status', ['status', undefined]],
    ['status checkout', ['status', 'checkout']],
    ['abort inference', ['abort', 'inference', ada, 'C1', 'no reason given', 'k']],
    ['abort inference  wrong\n one', ['abort', 'inference', ada, 'C1', 'wrong one', 'k']],
    ['unfreeze training', ['unfreeze', 'training', ada, 'C1', undefined, 'k']],
    ['unfreeze training the  fix *must* go out', ['unfreeze', 'training', ada, 'C1', 'the fix *must* go out', 'k']],
    ['off', ['switchOff', ada, 'no reason given']],
    ['off the  bot\nis wrong', ['switchOff', ada, 'the bot is wrong']],
    ['on', ['switchOn', ada]],
  ]

  it.each(done)('does what it says: %s', async (text, expected) => {
    expect((await say(text)).asked).toEqual([expected])
  })

  const freezes: readonly (readonly [string, number, string])[] = [
    ['freeze inference', 2 * 3_600_000, 'no reason given'],
    ['freeze inference 90m', 90 * 60_000, 'no reason given'],
    ['freeze inference 1H30M memory climbs', 90 * 60_000, 'memory climbs'],
    ['freeze inference memory climbs', 2 * 3_600_000, 'memory climbs'],
    ['freeze inference 30m &lt;b&gt; &amp; more', 30 * 60_000, '<b> & more'],
  ]

  it.each(freezes)('freezes for the time and reason that are given: %s', async (text, durationMs, reason) => {
    expect((await say(text)).asked).toEqual([['freeze', 'inference', ada, 'C1', { durationMs, reason }, 'k']])
  })

  const exemptions: readonly (readonly [string, object])[] = [
    ['label hotfix=INC-4892 the fix itself', { kind: 'label', value: 'hotfix=INC-4892', reason: 'the fix itself' }],
    ['LABEL example.com/fix=1 because', { kind: 'label', value: 'example.com/fix=1', reason: 'because' }],
    ['deploy v128  it is\nthe fix', { kind: 'deploy', value: 'v128', reason: 'it is the fix' }],
    ['deploy a&amp;b&lt;c&gt; because', { kind: 'deploy', value: 'a&b<c>', reason: 'because' }],
  ]

  it.each(exemptions)('exempts what is named, with the reason: %s', async (text, expected) => {
    const { said, asked } = await say(`exempt inference ${text}`)
    expect(asked).toEqual([['exempt', 'inference', ada, 'C1', expected, 'k']])
    expect(said).toMatch(/^Asked to let (label|deploy) .* of \*inference\* through\./)
  })

  const answers: readonly (readonly [string, string])[] = [
    ['', '/inc diagnose &lt;service&gt;'],
    ['help', '/inc freeze &lt;service&gt; [duration] [reason]'],
    ['diagnos inference', 'Did you mean `/inc diagnose`?'],
    ['xyzzy', '`/inc help` lists what there is.'],
    [
      'diagnose',
      'Which service? Write `/inc diagnose &lt;service&gt;`. There are `inference`, `checkout`, `training`.',
    ],
    ['diagnose inferense', 'Did you mean `inference`?'],
    ['diagnose infer', 'Did you mean `inference`?'],
    ['diagnose zzzzzzzzz', 'There are `inference`, `checkout`, `training`.'],
    ['freeze inference 2x', '“2x” is no duration; write 90m, 2h or 1h30m.'],
    ['freeze inference -2h', 'is no duration'],
    [
      'exempt',
      'Which service? Write `/inc exempt &lt;service&gt; &lt;label key=value | deploy NAME&gt; &lt;reason&gt;`.',
    ],
    ['exempt inference', 'What may pass? Say `label key=value` or `deploy NAME`, and why. Write `/inc exempt'],
    ['exempt inference v128 because', 'What may pass?'],
    ['exempt inference label', '“” is no label: a label is written key=value.'],
    ['exempt inference label hotfix because', '“hotfix” is no label: a label is written key=value.'],
    ['exempt inference label a=&lt;b&gt; because', '“a=&lt;b&gt;” is no label: the value must be letters'],
    ['exempt inference label a=b', 'Why may it pass? An exemption needs a reason.'],
    ['exempt inference deploy', '“” is no deploy: it needs the name'],
    ['exempt inference deploy v128', 'An exemption needs a reason.'],
    [`exempt inference deploy ${'x'.repeat(201)} because`, 'a name has at most 200 characters'],
    ['exempt inference deploy v\u202e1 because', 'characters that cannot be seen'],
    ['abort', 'Which service? Write `/inc abort &lt;service&gt; [reason]`.'],
    ['diagnose &lt;!channel&gt;', 'no service “&lt;!channel&gt;”'],
    ['diagnose __proto__', 'There is no service'],
  ]

  it.each(answers)('that cannot be carried out starts nothing and says what can: “%s”', async (text, expected) => {
    const { said, asked } = await say(text)
    expect(said).toContain(expected)
    expect(asked).toEqual([])
  })

  it.each(['unfreeze inference', 'exempt inference deploy v1 why', 'abort inference', 'freeze inference'])(
    'passes on why the pipeline refused it: %s',
    async (text) => {
      const refuse = async () => ({ problem: 'It <cannot> be.' })
      const { said } = await say(text, ada, {}, { unfreeze: refuse, exempt: refuse, abort: refuse, freeze: refuse })
      expect(said).toBe('It &lt;cannot&gt; be.')
    },
  )
})

describe('the kill switch', () => {
  const cases: readonly (readonly [string, Partial<BotPorts>, boolean, string])[] = [
    ['an admin by name', { admins: { users: ['U0GRACE'], groups: [] } }, true, 'switched off'],
    [
      'an admin by group',
      { admins: { users: [], groups: ['S1'] }, groupsOf: async () => ['S1'] },
      true,
      'switched off',
    ],
    ['anybody else', { admins: { users: ['U0ADA'], groups: ['S1'] } }, false, 'Only incbot’s admins'],
    [
      'somebody of whom Slack says nothing',
      { admins: { users: [], groups: ['S1'] }, groupsOf: async () => 'unknown' },
      false,
      'could not tell',
    ],
    ['anybody where nobody is configured', { admins: { users: [], groups: [] } }, false, 'Nobody may'],
  ]

  it.each(cases)('is there for admins alone: %s', async (_who, change, allowed, expected) => {
    const { said, asked } = await say('off', grace, change)
    expect(said).toContain(expected)
    expect(asked.length).toBe(allowed ? 1 : 0)
  })
})

const aHeldFreeze: Freeze = {
  id: 'freeze-1',
  service: 'inference',
  scope: 'model',
  incidentId: 'pd-Q1',
  by: 'U0ADA',
  reason: 'memory climbs',
  since: NOW,
  until: NOW + 2 * 3_600_000,
}

/** A status of the one service, which is frozen on these terms. */
function frozenOn(terms: FreezeTerms): Partial<Commands> {
  const freezes = [{ ...aHeldFreeze, terms }]
  return { status: async () => ({ services: [{ service: aService(), incidents: [], freezes }] }) }
}

describe('the details', () => {
  const diagnosed = anIncident({ investigations: [aFinishedInvestigation()] })
  const withOpen = (...incidents: Incident[]) => ({
    status: async () => ({ services: [{ service: aService(), incidents, freezes: [] }] }),
  })

  it('show what was checked for the newest incident that was looked at', async () => {
    const { said } = await say('details inference', ada, {}, withOpen(anIncident(), diagnosed))
    expect(said).toContain('What was checked')
    for (const { headline } of diagnosed.investigations.flatMap(({ findings }) => findings))
      expect(said).toContain(headline.slice(0, 20))
  })

  it('say that there is nothing, and what would check now', async () => {
    const { said } = await say('details inference', ada, {}, withOpen(anIncident()))
    expect(said).toMatch(/nothing that was checked for \*inference\*.*`\/inc diagnose inference`/)
  })
})

describe('the status', () => {
  it('is quiet when all is', async () => {
    expect((await say('status')).said).toContain('no open incidents and no deploy freezes. 3 services')
  })

  it('names open incidents with what they look like, and freezes with their end', async () => {
    const one = {
      service: aService(),
      incidents: [anIncident({ title: 'Memory <!channel>', investigations: [aFinishedInvestigation()] })],
      freezes: [
        {
          id: 'f',
          service: 'inference',
          scope: 'model',
          incidentId: 'pd-Q1',
          by: 'U0ADA',
          reason: 'memory climbs',
          since: NOW,
          until: NOW + 3_600_000,
        } as const,
      ],
    }
    const { said } = await say('status inference', ada, {}, { status: async () => ({ services: [one] }) })
    expect(said).toBe(
      [
        '*inference* · act mode',
        '• Memory &lt;!channel&gt; since 03:42 UTC: The model cache keeps every version that was ever deployed.',
        '• deploys (model) frozen until 04:42 UTC by <@U0ADA>: memory climbs',
      ].join('\n'),
    )
  })

  it('says of a freeze where it is enforced and since when that is known, what may pass and what was refused', async () => {
    const terms: FreezeTerms = {
      points: [
        { name: 'Kubernetes admission', state: 'proved', at: NOW - 12_000 },
        { name: 'gate: registry', state: 'asked', at: NOW - 4 * 60_000 },
        { name: 'gate: ci', state: 'never-asked' },
      ],
      exemptions: [{ kind: 'deploy', value: 'v<130>', reason: 'the fix', by: 'U0ADA', at: NOW }],
      blockedCount: 1,
      blocked: [{ at: NOW, holder: 'registry', deploy: 'v128' }],
    }
    const { said } = await say('status', ada, {}, frozenOn(terms))
    expect(said.split('\n').slice(1)).toEqual([
      '• deploys (model) frozen until 05:42 UTC by <@U0ADA>: memory climbs',
      '   enforced: Kubernetes admission ✓ probed 12 s ago; gate: registry ✓ last asked 4 min ago; gate: ci: never asked ⚠',
      '   May pass: deploy v&lt;130&gt; (“the fix”, <@U0ADA>)',
      '   1 deploy refused: registry v128',
    ])
  })

  it('says when nobody has looked yet where a freeze is enforced', async () => {
    const { said } = await say('status', ada, {}, frozenOn({}))
    expect(said).toContain('where it is enforced is not known yet')
  })

  it('names what is under way', async () => {
    const progress = { text: '1 of 3 pods ready', done: 1, total: 3, pods: [] }
    const incident = anIncident({
      remediations: [
        aRemediation(),
        aRemediation({ id: 'on', state: 'following', approval: { by: 'U0ADA', at: NOW }, progress }),
      ],
    })
    const { said } = await say(
      'status',
      ada,
      {},
      {
        status: async () => ({ services: [{ service: aService(), incidents: [incident], freezes: [] }] }),
      },
    )
    expect(said.split('\n').slice(2)).toEqual([
      '   :hourglass_flowing_sand: *Restart inference-prod*: `███░░░░░░░` 1 of 3 pods ready · approved by <@U0ADA> at 03:42 UTC',
    ])
  })
})

describe('while the store is away', () => {
  const open = anIncident({ title: 'Memory', investigations: [aFinishedInvestigation()] })
  const remembering: Partial<Commands> = {
    status: async () => ({
      services: [{ service: aService(), incidents: [open], freezes: [aHeldFreeze] }],
      rememberedAt: NOW - 40_000,
    }),
  }
  const away = 'incbot cannot reach its store just now.'

  it.each([
    ['status', /Memory since 03:42 UTC[\s\S]*frozen until 05:42 UTC/],
    ['status inference', /^\*inference\* · act mode$/m],
    ['details inference', /What was checked/],
  ])('what was known before answers, and says of when it is: %s', async (text, expected) => {
    const { said } = await say(text, ada, {}, remembering)
    expect(said.split('\n')[0]).toBe(`${away} This is what it knew 40 s ago.`)
    expect(said).toMatch(expected)
  })

  it.each(['status', 'status inference', 'details inference'])(
    'where nothing was read yet, that is said, and what to do: %s',
    async (text) => {
      const { said } = await say(text, ada, {}, { status: async () => 'unknown' })
      expect(said).toContain(`${away} It has read nothing since it started`)
      expect(said).toMatch(/Look in PagerDuty .* `\/readyz`.* Then try `\/inc status` again\.$/)
    },
  )

  it('help is there', async () => {
    const { said } = await say('help', ada, {}, { status: async () => 'unknown' })
    expect(said).toContain('/inc status')
  })
})
