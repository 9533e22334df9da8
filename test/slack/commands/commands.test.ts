import { describe, expect, it } from '@jest/globals'
import { parseDuration } from '../../../src/config/quantities.ts'
import type { Commands } from '../../../src/pipeline/commands.ts'
import type { BotPorts } from '../../../src/slack/bot-ports.ts'
import { runCommand } from '../../../src/slack/commands/index.ts'
import { type Asked, fakeCommands } from '../bot-world.ts'
import { aCatalogue, aFinishedInvestigation, aLogger, anIncident, aService, NOW } from '../builders.ts'

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
    now: () => NOW,
    call: async () => ({}),
    groupsOf: async () => [],
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
    ['unfreeze training', ['unfreeze', 'training', ada, 'C1', 'k']],
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
    ['diagnose &lt;!channel&gt;', 'no service “&lt;!channel&gt;”'],
    ['diagnose __proto__', 'There is no service'],
  ]

  it.each(answers)('that cannot be carried out starts nothing and says what can: “%s”', async (text, expected) => {
    const { said, asked } = await say(text)
    expect(said).toContain(expected)
    expect(asked).toEqual([])
  })

  it('passes on why the pipeline refused it', async () => {
    const refuse = async () => ({ problem: 'inference is not frozen.' })
    const { said } = await say('unfreeze inference', ada, {}, { unfreeze: refuse })
    expect(said).toBe('inference is not frozen.')
  })
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
    const { said } = await say('status inference', ada, {}, { status: async () => [one] })
    expect(said).toBe(
      [
        '*inference* · act mode',
        '• Memory &lt;!channel&gt; since 03:42 UTC: The model cache keeps every version that was ever deployed.',
        '• deploys (model) frozen until 04:42 UTC by <@U0ADA>: memory climbs',
      ].join('\n'),
    )
  })
})
