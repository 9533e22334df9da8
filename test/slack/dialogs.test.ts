import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import type { Incident } from '../../src/domain/incident.ts'
import type { Remediation } from '../../src/domain/remediation.ts'
import { type Delivery, signature } from '../../src/sandbox/slack/index.ts'
import { createSlackCall } from '../../src/slack/api.ts'
import { plan } from '../../src/slack/desired.ts'
import { type BotWorld, botWorld } from './bot-world.ts'
import { aBlockedRemediation, aFreeze, anIncident, aPlan, aRemediation, aService, aView, CHANNEL } from './builders.ts'
import { botToken, signingSecret, until } from './workspace.ts'

const ada = { workspace: 'T0SANDBOX', user: 'U0ADA', name: 'x' }
const at = { user: 'U0ADA', channel: CHANNEL } as const
const later = Date.now() + 3_600_000

const why = aRemediation({ id: 'rem-why', reasonRequired: true, expiresAt: later })
const blocked = aBlockedRemediation({ id: 'rem-glass', expiresAt: later })
const followed = aRemediation({ id: 'rem-on', state: 'following', approval: { by: 'U0ADA', at: 0 } })
const ending = aFreeze({ id: 'rem-freeze', freeze: { remindedAt: 1 } })
const incident = anIncident({ remediations: [why, blocked, followed, ending] })
const service = aService({ breakGlass: { users: ['U0ADA'], groups: [] } })

type Setting = NonNullable<Parameters<typeof botWorld>[1]>

async function inWorld(run: (world: BotWorld) => Promise<void>, transport: 'http' | 'socket', setting: Setting = {}) {
  const world = await botWorld(transport, { incidents: [incident], ...setting })
  try {
    await run(world)
  } finally {
    await world.stop()
  }
}

/** The real card, posted by the real client. */
async function postCard({ slack }: BotWorld, shown: Incident = incident): Promise<string> {
  const { text, blocks } = plan(aView({ incident: shown, service })).card.content
  const call = createSlackCall({ botToken, apiUrl: slack.url })
  const { ts } = await call('chat.postMessage', { channel: CHANNEL, text, blocks }, AbortSignal.timeout(2_000))
  return String(ts)
}

async function press(world: BotWorld, actionId: string, shown?: Incident) {
  const ts = await postCard(world, shown)
  return world.slack.click({ ...at, ts, actionId })
}

/** The dialog that stands open now. */
async function opened({ slack }: BotWorld): Promise<string> {
  await until(() => slack.views.length > 0)
  return slack.views[0]?.id ?? ''
}

const typed = (value: string) => ({ reason: { reason: { type: 'plain_text_input', value } } })

async function submit(world: BotWorld, value: string) {
  return world.slack.submitView({ user: 'U0ADA', viewId: await opened(world), values: typed(value) })
}

function lastInteraction({ slack }: BotWorld): Delivery {
  const last = slack.deliveries.findLast(({ kind }) => kind === 'interaction')
  if (last === undefined) throw new Error('Slack has delivered no press and no submission yet')
  return last
}

let second = 0
/** What Slack delivered last, perhaps changed on the way, and signed anew: as Slack repeats it, or as somebody with the secret would. */
async function again(world: BotWorld, change: (payload: Payload) => void = () => undefined) {
  const { request } = lastInteraction(world)
  const payload: Payload = JSON.parse(new URLSearchParams(request.body).get('payload') ?? '')
  change(payload)
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  second += 1
  const seconds = Math.floor(Date.now() / 1000) + second
  return world.slack.raw('/slack/events', body, {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': String(seconds),
    'x-slack-signature': signature(signingSecret, seconds, body),
  })
}

interface Payload {
  user: { id: string; team_id?: string }
  view: { private_metadata: string; callback_id: string; state: { values: unknown } }
  actions: { action_id: string; value: string }[]
}

describe.each(['http', 'socket'] as const)('a button that asks for a reason, over %s', (transport) => {
  it.each<readonly [string, string, object]>([
    ['remediate-why:rem-why', 'rem-why', { reason: 'it climbs' }],
    ['glass:rem-glass', 'rem-glass', { reason: 'it climbs', breakGlass: true }],
  ])('opens a dialog, and what is typed there is recorded before it closes: %s', (actionId, id, given) =>
    inWorld(async (world) => {
      const { slack, asked } = world
      expect((await press(world, actionId)).failure).toBeUndefined()
      await opened(world)
      expect(asked).toEqual([])
      const delivery = await submit(world, ' it climbs ')
      expect([delivery.failure, delivery.body.replace('{}', '')]).toEqual([undefined, ''])
      expect(asked).toEqual([['click', 'pd-Q1', id, ada, CHANNEL, expect.stringMatching(/^[0-9a-f]{32}$/), given]])
      expect(slack.views).toEqual([])
      expect(slack.ephemerals).toEqual([])
    }, transport),
  )

  it('stays open and says what is wrong when it could not be recorded, and counts once however often it is submitted', () => {
    const keys: string[] = []
    const click: Setting['commands'] = {
      click: async (_incident, _remediation, _by, _channel, key) => {
        keys.push(key)
        if (keys.length === 1) throw new Error('disk full')
        return undefined
      },
    }
    return inWorld(
      async (world) => {
        await press(world, 'remediate-why:rem-why')
        expect((await submit(world, 'it climbs')).failure).toBeUndefined()
        expect(world.slack.views[0]?.errors).toEqual({ reason: expect.stringContaining('nothing was started') })
        await submit(world, 'it climbs')
        expect(world.slack.views).toEqual([])
        expect(keys).toHaveLength(2)
        expect(new Set(keys).size).toBe(1)
      },
      transport,
      { commands: click },
    )
  })
})

describe('the dialog', () => {
  const shownFor = (
    actionId: string,
    remediations: readonly Remediation[] = incident.remediations,
  ): Promise<string> => {
    let shown = ''
    return inWorld(
      async (world) => {
        await press(world, actionId, { ...incident, remediations })
        await opened(world)
        shown = JSON.stringify(world.slack.views[0]?.view)
      },
      'http',
      { incidents: [{ ...incident, remediations }] },
    ).then(() => shown)
  }

  it('shows the plan and how far it reaches', async () => {
    const remediation = { ...why, plan: aPlan({ blastRadius: 'All requests of one pod wait.' }) }
    const shown = await shownFor('remediate-why:rem-why', [remediation])
    expect(shown).toContain('Restart StatefulSet inference-prod (3 pods, one at a time).')
    expect(shown).toContain('All requests of one pod wait.')
    expect(shown).not.toContain('rotating_light')
  })

  it('of breaking the glass warns, and lists what is gone over', async () => {
    const shown = await shownFor('glass:rem-glass')
    expect(shown).toContain(':rotating_light: *This goes over what stands in the way:*')
    expect(shown).toContain('• *freeze*: Somebody else froze it.')
  })

  it.each<readonly [string, Partial<Remediation>, string]>([
    ['ran out', { expiresAt: 1 }, 'This button has expired'],
    ['was pressed before', { state: 'following' }, 'was pressed before'],
    ['is blocked now', { ...blocked, id: 'rem-why' }, 'cannot be done now: Somebody else froze it.'],
  ])('does not open for an offer that %s, and why is told to whoever pressed', (_how, change, expected) =>
    inWorld(
      async (world) => {
        await press(world, 'remediate-why:rem-why')
        await until(() => world.slack.ephemerals.length === 1)
        expect(world.slack.ephemerals).toMatchObject([{ user: 'U0ADA', text: expect.stringContaining(expected) }])
        expect(world.slack.views).toEqual([])
      },
      'http',
      { incidents: [{ ...incident, remediations: [{ ...why, ...change }] }] },
    ),
  )

  it.each<readonly [string, readonly Incident[]]>([
    ['incidents', []],
    ['offers', [{ ...incident, remediations: [] }]],
  ])('does not open for %s that incbot does not know', (_what, incidents) =>
    inWorld(
      async (world) => {
        await press(world, 'glass:rem-glass')
        await until(() => world.slack.ephemerals.length === 1)
        expect(world.slack.ephemerals[0]?.text).toContain('nothing that incbot knows')
      },
      'http',
      { incidents },
    ),
  )

  it('is told to have come too late when Slack waited no longer, and nothing is started', () => {
    let ahead = 0
    const setting: Setting = {
      slack: { now: () => Date.now() + ahead },
      incidentOf: async () => {
        ahead = 3_100
        return incident
      },
    }
    return inWorld(
      async (world) => {
        const delivery = await press(world, 'remediate-why:rem-why')
        expect(delivery.failure).toBeUndefined()
        await until(() => world.slack.ephemerals.length === 1)
        expect(world.slack.ephemerals[0]?.text).toContain('Press again.')
        expect([world.asked, world.slack.views]).toEqual([[], []])
      },
      'http',
      setting,
    )
  })

  it('that Slack does not open for another reason is said not to be open', () =>
    inWorld(async (world) => {
      world.slack.failNext('views.open', { status: 500 })
      await press(world, 'remediate-why:rem-why')
      await until(() => world.slack.ephemerals.length === 1)
      expect(world.slack.ephemerals[0]?.text).toContain('could not be opened; nothing was started')
    }, 'http'))

  it('opens once for a press that is delivered twice, in silence', () =>
    inWorld(async (world) => {
      await press(world, 'remediate-why:rem-why')
      const id = await opened(world)
      expect((await again(world)).status).toBe(200)
      await until(() => world.slack.calls.filter(({ method }) => method === 'views.open').length === 2)
      await pause(50)
      expect(world.slack.views.map((view) => view.id)).toEqual([id])
      expect(world.slack.ephemerals).toEqual([])
    }, 'http'))

  it('is opened anew by a second press, and the first one is gone', () =>
    inWorld(async (world) => {
      const ts = await postCard(world)
      for (const _ of [1, 2]) await world.slack.click({ ...at, ts, actionId: 'remediate-why:rem-why' })
      await until(() => world.slack.calls.filter(({ method }) => method === 'views.open').length === 2)
      await until(() => world.slack.views.length === 1)
      await submit(world, 'it climbs')
      expect(world.asked).toHaveLength(1)
    }, 'http'))
})

describe('a submission', () => {
  const submitted = (run: (world: BotWorld) => Promise<void>, setting?: Setting) =>
    inWorld(
      async (world) => {
        await press(world, 'remediate-why:rem-why')
        await submit(world, 'it climbs')
        await run(world)
      },
      'http',
      setting,
    )

  it('that Slack repeats has the same key, so that it counts once', () =>
    submitted(async (world) => {
      await again(world)
      const [first, ...more] = world.asked
      expect(more).toEqual([first])
    }))

  it('that somebody replays byte for byte is not even read', () =>
    submitted(async (world) => {
      expect((await world.slack.replay(lastInteraction(world))).status).toBe(200)
      expect(world.asked).toHaveLength(1)
    }))

  it('by another person than who opened the dialog is that person’s, and has a key of its own', () =>
    submitted(async (world) => {
      await again(world, (payload) => {
        payload.user = { id: 'U0GRACE', team_id: 'T0SANDBOX' }
      })
      const [[, , , , , key] = [], [, , , by, , other] = []] = world.asked
      expect(by).toMatchObject({ user: 'U0GRACE' })
      expect(other).not.toBe(key)
    }))

  it('by somebody of another workspace starts nothing', () =>
    submitted(
      async (world) => {
        const answer = await again(world, (payload) => {
          payload.user.team_id = 'T0OTHER'
        })
        expect(answer.body).toContain('another Slack workspace')
        expect(world.asked).toHaveLength(1)
      },
      { workspace: 'T0SANDBOX' },
    ))

  it.each<readonly [string, (payload: Payload) => void]>([
    ['without what it is about', ({ view }) => Object.assign(view, { private_metadata: '' })],
    ['about half of it', ({ view }) => Object.assign(view, { private_metadata: 'pd-Q1|rem-why' })],
    ['about more than that', ({ view }) => Object.assign(view, { private_metadata: `pd-Q1|rem-why|${CHANNEL}|U0ADA` })],
    ['about what is no id', ({ view }) => Object.assign(view, { private_metadata: `pd-Q1|../rem|${CHANNEL}` })],
    ['for what is no channel', ({ view }) => Object.assign(view, { private_metadata: 'pd-Q1|rem-why|<!channel>' })],
    ['of another dialog', ({ view }) => Object.assign(view, { callback_id: 'incbot-all-clear' })],
    ['without anything typed', ({ view }) => Object.assign(view.state, { values: {} })],
    [
      'with a list in place of a reason',
      ({ view }) => Object.assign(view.state, { values: { reason: { reason: [] } } }),
    ],
  ])('%s starts nothing, and the dialog says so', (_what, change) =>
    submitted(async (world) => {
      const answer = await again(world, change)
      expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('nothing was started')])
      expect(world.asked).toHaveLength(1)
    }),
  )

  it('of a dialog that is none of incbot’s is let go', () =>
    submitted(async (world) => {
      const answer = await again(world, ({ view }) => Object.assign(view, { callback_id: 'somebody-else' }))
      expect([answer.status, answer.body]).toEqual([200, ''])
      expect(world.asked).toHaveLength(1)
    }))

  it('forged to break the glass or to be about something else is recorded as what it says, for the server to judge', () =>
    submitted(async (world) => {
      await again(world, ({ view }) =>
        Object.assign(view, { callback_id: 'incbot-break-glass', private_metadata: `pd-Q2|rem-9|${CHANNEL}` }),
      )
      expect(world.asked[1]).toEqual([
        'click',
        'pd-Q2',
        'rem-9',
        expect.objectContaining({ user: 'U0ADA' }),
        CHANNEL,
        expect.any(String),
        { reason: 'it climbs', breakGlass: true },
      ])
    }))

  it('without a reason is not recorded', () =>
    inWorld(async (world) => {
      await press(world, 'glass:rem-glass')
      await submit(world, ' \n ')
      expect(world.slack.views[0]?.errors).toEqual({ reason: 'Type a reason: nothing is started without one.' })
      expect(world.asked).toEqual([])
    }, 'http'))

  it('says what the server knows against it', () =>
    inWorld(
      async (world) => {
        await press(world, 'remediate-why:rem-why')
        await submit(world, 'it climbs')
        expect(world.slack.views[0]?.errors).toEqual({ reason: 'incbot no longer knows it.' })
      },
      'http',
      { commands: { click: async () => ({ problem: 'incbot no longer knows it.' }) } },
    ))

  it('is answered within three seconds when the store takes longer, and can be submitted again', () =>
    inWorld(
      async (world) => {
        await press(world, 'remediate-why:rem-why')
        const delivery = await submit(world, 'it climbs')
        expect([delivery.failure, delivery.ackMs < 2_900]).toEqual([undefined, true])
        expect(world.slack.views[0]?.errors).toEqual({ reason: expect.stringContaining('it counts once') })
      },
      'http',
      {
        commands: {
          click: async () => {
            await pause(2_800)
            return undefined
          },
        },
      },
    ))
})

describe('the other buttons', () => {
  it.each<readonly [string, readonly unknown[]]>([
    ['abort:rem-on', ['abortOne', 'pd-Q1', 'rem-on', ada, CHANNEL, expect.any(String)]],
    ['extend:rem-freeze', ['extend', 'pd-Q1', 'rem-freeze', 2 * 3_600_000, ada, CHANNEL, expect.any(String)]],
  ])('ask for what they say: %s', (actionId, expected) =>
    inWorld(async (world) => {
      expect((await press(world, actionId)).failure).toBeUndefined()
      expect(world.asked).toEqual([expected])
    }, 'http'),
  )

  it.each<readonly [string, (action: Payload['actions'][number]) => void]>([
    ['another offer', (action) => Object.assign(action, { action_id: 'abort:rem-1' })],
    ['a verb that there is not', (action) => Object.assign(action, { action_id: 'delete:rem-on' })],
    ['no verb', (action) => Object.assign(action, { action_id: 'rem-on' })],
    ['a prefix of one', (action) => Object.assign(action, { action_id: 'abortOne:rem-on' })],
    ['three ids', (action) => Object.assign(action, { value: 'pd-Q1|rem-on|rem-on' })],
    ['no ids', (action) => Object.assign(action, { action_id: 'abort:', value: '|' })],
    ['ids that are none', (action) => Object.assign(action, { action_id: 'abort:a b', value: 'pd-Q1|a b' })],
  ])('do nothing when they are forged to name %s', (_what, change) =>
    inWorld(async (world) => {
      await press(world, 'abort:rem-on')
      await again(world, ({ actions: [action] }) => action && change(action))
      await until(() => world.slack.ephemerals.length === 1)
      expect(world.slack.ephemerals[0]?.text).toContain('none that incbot knows')
      expect(world.asked).toHaveLength(1)
    }, 'http'),
  )

  it('say that nothing was stopped when the store fails', () =>
    inWorld(
      async (world) => {
        await press(world, 'abort:rem-on')
        await until(() => world.slack.ephemerals.length === 1)
        expect(world.slack.ephemerals[0]?.text).toContain('nothing was stopped')
      },
      'http',
      {
        commands: {
          abortOne: () => Promise.reject(new Error('disk full')),
        },
      },
    ))
})
