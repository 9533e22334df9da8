import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createSlackCall } from '../../src/slack/api.ts'
import { plan } from '../../src/slack/desired.ts'
import { createFairUse, type UseKind } from '../../src/slack/fair-use.ts'
import { type BotWorld, botWorld } from './bot-world.ts'
import { aFinishedInvestigation, anIncident, aRemediation, aView, CHANNEL } from './builders.ts'
import { botToken } from './workspace.ts'

const ada = { workspace: 'T1', user: 'UADA' }
const bob = { workspace: 'T1', user: 'UBOB' }

function clocked(options: Partial<Parameters<typeof createFairUse>[0]> = {}) {
  const clock = { at: 0 }
  const fairUse = createFairUse({ now: () => clock.at, perMinute: { command: 5 }, ...options })
  const taken = (by = ada, kind: UseKind = 'command') => fairUse.refusal(by, kind) === undefined
  return { clock, fairUse, taken }
}

describe('the allowance of a person', () => {
  it('is used up by as many requests as a minute has, and the refusal says when it is worth trying again', () => {
    const { clock, fairUse, taken } = clocked()
    expect([1, 2, 3, 4, 5].map(() => taken())).toEqual([true, true, true, true, true])
    expect(fairUse.refusal(ada, 'command')).toMatch(
      /^You asked 5 times within a minute.*nothing was started.*in 12 s\./,
    )
    clock.at += 11_000
    expect(fairUse.refusal(ada, 'command')).toMatch(/in 1 s\./)
    clock.at += 1_000
    expect([taken(), taken()]).toEqual([true, false])
  })

  it('is not used up by others, nor by the same id in another workspace', () => {
    const { taken } = clocked()
    for (let n = 0; n < 50; n += 1) taken()
    expect([taken(), taken(bob), taken({ ...ada, workspace: 'T2' })]).toEqual([false, true, true])
  })

  it('is one for each kind: a flood of commands takes away neither buttons nor what stops something', () => {
    const { taken } = clocked()
    for (let n = 0; n < 50; n += 1) taken()
    expect([taken(), taken(ada, 'button'), taken(ada, 'stop')]).toEqual([false, true, true])
  })

  it('is never more than that many within any minute and one more, and a refusal costs nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }), (pauses) => {
        const { clock, taken } = clocked()
        const times: number[] = []
        for (const pause of pauses) {
          clock.at += pause
          if (taken()) times.push(clock.at)
        }
        // A full bucket and what flows in within the minute.
        const most = Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length))
        expect(most).toBeLessThanOrEqual(10)
      }),
    )
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 12_000, max: 90_000 }), { maxLength: 100 }), (pauses) => {
        const { clock, taken } = clocked()
        const answers = pauses.map((pause) => {
          clock.at += pause
          return taken()
        })
        expect(answers).not.toContain(false)
      }),
    )
  })

  it('survives a clock that is set back', () => {
    const { clock, taken } = clocked()
    clock.at = 1e9
    for (let n = 0; n < 6; n += 1) taken()
    clock.at = 0
    expect(taken()).toBe(false)
    clock.at = 12_000
    expect(taken()).toBe(true)
  })

  it('is remembered of so many people and no more, the one who asked last never forgotten first', () => {
    const { taken } = clocked({ people: 100 })
    for (let n = 0; n < 6; n += 1) taken()
    for (let n = 0; n < 99; n += 1) taken({ workspace: 'T1', user: `U${n}` })
    expect(taken()).toBe(false)
    for (let n = 0; n < 100; n += 1) taken({ workspace: 'T1', user: `U${n}` })
    expect(taken()).toBe(true)
  })
})

describe('whoever asks Slack’s bot again and again', () => {
  const at = { user: 'U0ADA', channel: CHANNEL } as const
  const inWorld = async (look: (world: BotWorld) => Promise<void>): Promise<void> => {
    const world = await botWorld('http')
    try {
      await look(world)
    } finally {
      await world.stop()
    }
  }
  const postCard = async ({ slack }: BotWorld): Promise<string> => {
    const incident = anIncident({ investigations: [aFinishedInvestigation()], remediations: [aRemediation()] })
    const { text, blocks } = plan(aView({ incident })).card.content
    const call = createSlackCall({ botToken, apiUrl: slack.url })
    return String((await call('chat.postMessage', { channel: CHANNEL, text, blocks }, AbortSignal.timeout(2_000))).ts)
  }
  const ask = async ({ slack }: BotWorld, text: string, user = 'U0ADA'): Promise<string> =>
    String((await slack.command({ ...at, user, command: '/inc', text })).body)

  it('is told so after twenty commands in a minute, in words of their own, and nothing is recorded', () =>
    inWorld(async (world) => {
      for (let n = 0; n < 20; n += 1) expect(await ask(world, 'diagnose inference')).toContain('Diagnosing')
      expect(await ask(world, 'diagnose inference')).toMatch(/You asked 20 times within a minute.*Try again in \d s/)
      expect(world.asked).toHaveLength(20)
      expect(world.slack.ephemerals).toHaveLength(21)
    }))

  it('may still stop what is under way, switch incbot off and press a button, and locks nobody else out', () =>
    inWorld(async (world) => {
      for (let n = 0; n < 30; n += 1) await ask(world, 'status')
      const before = world.asked.length
      await ask(world, 'ABORT inference too many')
      await ask(world, 'off too much')
      expect(await ask(world, 'diagnose inference', 'U0GRACE')).toContain('Diagnosing')
      const ts = await postCard(world)
      await world.slack.click({ ...at, ts, actionId: 'remediate:rem-1', value: 'pd-Q1|rem-1' })
      expect(world.asked.slice(before).map(([what]) => what)).toEqual(['abort', 'switchOff', 'diagnose', 'click'])
    }))
})
