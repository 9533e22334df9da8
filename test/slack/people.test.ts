import { describe, expect, it } from '@jest/globals'
import type { PersonFacts } from '../../src/domain/authorize.ts'
import type { SlackUser } from '../../src/sandbox/slack/index.ts'
import type { SlackAnswer, SlackCall } from '../../src/slack/api.ts'
import { createPeople } from '../../src/slack/people.ts'
import { botWorld } from './bot-world.ts'
import { aLogger } from './builders.ts'
import { scopes } from './workspace.ts'

const ana = { workspace: 'T0SANDBOX', user: 'U0ANA' }
const anaInSlack: SlackUser = { id: 'U0ANA', name: 'ana', realName: 'Ana Ruiz', email: 'Ana.Ruiz@Example.com' }
const member: PersonFacts = { email: 'ana.ruiz@example.com', bot: false, guest: false, deactivated: false }
const { email: _none, ...nameless } = member
const signal = (): AbortSignal => AbortSignal.timeout(3_000)

async function factsIn(user: Partial<SlackUser>, granted: readonly string[] = scopes) {
  const world = await botWorld('socket', { slack: { users: [{ ...anaInSlack, ...user }], scopes: granted } })
  try {
    return await world.factsOf(ana, signal())
  } finally {
    await world.stop()
  }
}

/** What is made of one answer of users.info. */
function factsFrom(answer: SlackAnswer) {
  const call: SlackCall = async () => answer
  return createPeople({ call, now: Date.now, log: aLogger() })(ana, signal())
}

describe('what Slack says about a person', () => {
  it.each<readonly [string, Partial<SlackUser>, PersonFacts | 'unknown']>([
    ['a member, by their confirmed address in small letters', {}, member],
    ['somebody whose address nobody confirmed, without it', { emailConfirmed: false }, nameless],
    ['somebody without an address', { email: '' }, nameless],
    ['a guest', { isGuest: true }, { ...member, guest: true }],
    ['somebody of another workspace, who is a guest here', { team: 'T0OTHER' }, { ...member, guest: true }],
    ['a bot', { isBot: true }, { ...member, bot: true }],
    ['a closed account, whose address counts no more', { deactivated: true }, { ...nameless, deactivated: true }],
  ])('is understood: %s', async (_who, user, expected) => {
    expect(await factsIn(user)).toEqual(expected)
  })

  const user = { id: 'U0ANA', profile: {} }
  it.each<readonly [string, SlackAnswer, PersonFacts | 'unknown']>([
    ['a workflow', { user: { ...user, is_workflow_bot: true } }, { ...nameless, bot: true }],
    ['a guest of one channel', { user: { ...user, is_ultra_restricted: true } }, { ...nameless, guest: true }],
    ['somebody else', { user: { ...user, id: 'U0BEN' } }, 'unknown'],
    ['nobody', {}, 'unknown'],
    ['nonsense', { user: { ...user, is_bot: 'no' } }, 'unknown'],
  ])('is taken as it is meant, or not at all: %s', async (_what, answer, expected) => {
    expect(await factsFrom(answer)).toEqual(expected)
  })

  it('counts Slackbot as a bot, which Slack does not', async () => {
    const call: SlackCall = async () => ({ user: { id: 'USLACKBOT', is_bot: false, deleted: false } })
    const facts = createPeople({ call, now: Date.now, log: aLogger() })
    expect(await facts({ ...ana, user: 'USLACKBOT' }, signal())).toMatchObject({ bot: true })
  })

  it('is unknown without the scope, for people whom Slack does not know, and when Slack does not answer', async () => {
    expect(
      await factsIn(
        {},
        scopes.filter((scope) => scope !== 'users:read'),
      ),
    ).toBe('unknown')
    expect(await factsIn({ id: 'U0BEN' })).toBe('unknown')
    const world = await botWorld('socket', { slack: { users: [anaInSlack] } })
    world.slack.failNext('users.info', 'timeout')
    expect(await world.factsOf(ana, AbortSignal.timeout(50))).toBe('unknown')
    await world.stop()
  })

  it('has no address without the scope for addresses', async () => {
    const without = scopes.filter((scope) => scope !== 'users:read.email')
    expect(await factsIn({}, without)).toEqual(nameless)
  })

  it('is asked for once a minute', async () => {
    let now = 1_000
    const world = await botWorld('socket', { slack: { users: [anaInSlack] }, now: () => now })
    const asked = () => world.slack.calls.filter(({ method }) => method === 'users.info').length
    await Promise.all([world.factsOf(ana, signal()), world.factsOf(ana, signal())])
    expect(asked()).toBe(1)
    now += 61_000
    await world.factsOf(ana, signal())
    expect(asked()).toBe(2)
    await world.stop()
  })
})
