import { describe, expect, it } from '@jest/globals'
import type { Incident } from '../../src/domain/incident.ts'
import { aFinishedInvestigation, anIncident, aRemediation, CHANNEL } from './builders.ts'
import { slackWorld, unlimited } from './workspace.ts'

const opened = anIncident()
const diagnosed: Incident = { ...opened, investigations: [aFinishedInvestigation()], remediations: [aRemediation()] }
const refused: Incident = {
  ...diagnosed,
  refusals: [{ id: 'click-1', user: 'U0GRACE', channel: CHANNEL, text: 'You may not.', at: Date.now() }],
}
const restarted: Incident = {
  ...refused,
  remediations: [
    aRemediation({
      state: 'succeeded',
      approval: { by: 'U0ADA', at: 1 },
      finishedAt: Date.now(),
      outcome: { result: 'succeeded', text: 'All 3 pods are new.' },
    }),
  ],
}
const story: readonly Incident[] = [opened, diagnosed, refused, restarted]

/** Dies at its n-th effect: before it happened, or after, without getting to know. Whatever a dead process still tries fails too. */
function mortal(n: number, when: 'before' | 'after') {
  let effects = 0
  let dead = false
  return {
    get effects() {
      return effects
    },
    get dead() {
      return dead
    },
    revive() {
      dead = false
      effects = Number.NEGATIVE_INFINITY
    },
    async around(effect: () => Promise<unknown>): Promise<unknown> {
      if (dead) throw new Error('dead')
      effects += 1
      if (effects !== n) return effect()
      dead = true
      if (when === 'after') await effect().catch(() => undefined)
      throw new Error('killed')
    },
  }
}

async function live(n: number, when: 'before' | 'after') {
  const life = mortal(n, when)
  const world = await slackWorld(
    { limits: { postMessageBurst: 1_000 } },
    { limits: unlimited, around: (effect) => life.around(effect) },
  )
  try {
    for (const incident of story) {
      while (!life.dead && (await world.run({ incident }).catch(() => undefined)) !== 'complete');
      if (!life.dead) continue
      life.revive()
      world.restart()
      await world.settle({ incident }, 0)
    }
    return { effects: life.effects, found: seen(world.slack), told: world.slack.ephemerals.length }
  } finally {
    await world.stop()
  }
}

function seen(slack: Awaited<ReturnType<typeof slackWorld>>['slack']) {
  const cards = slack.messages(CHANNEL)
  const thread = slack.thread(CHANNEL, cards[0]?.ts ?? '').slice(1)
  return {
    cards: cards.map(({ text }) => text.includes('All 3 pods are new') && text.includes('keeps every version')),
    details: thread.filter(({ text }) => text.includes('What was checked')).length,
    outcomes: thread.filter(({ text }) => text.includes('All 3 pods are new')).length,
    charts: thread.filter(({ files }) => files.length > 0).length,
    others: thread.length - 3,
    toldTwice: slack.ephemerals.length > 1,
  }
}

const everything = { cards: [true], details: 1, outcomes: 1, charts: 1, others: 0, toldTwice: false }

describe('a process that is killed at any moment', () => {
  it.each(['before', 'after'] as const)(
    'leaves each thing in Slack exactly once, killed %s any of its effects',
    async (when) => {
      const { effects, found: unharmed, told } = await live(Number.POSITIVE_INFINITY, when)
      expect(unharmed).toEqual(everything)
      expect(told).toBe(1)
      expect(effects).toBeGreaterThan(20)
      for (let n = 1; n <= effects; n += 1) {
        const { found } = await live(n, when)
        expect({ n, ...found }).toEqual({ n, ...everything })
      }
    },
    60_000,
  )

  it.each(['before', 'after'] as const)(
    'says what the record went back to, killed %s any effect of the edit that led away from it',
    async (when) => {
      for (let n = 1; ; n += 1) {
        const { wasKilled, text } = await goBack(n, when)
        if (!wasKilled) break
        expect({ n, saysResolved: text?.includes('resolved') }).toEqual({ n, saysResolved: true })
      }
    },
  )
})

/** Resolved, reopened, and resolved again in the same minute: the third text is the first. */
async function goBack(n: number, when: 'before' | 'after') {
  let life = mortal(Number.POSITIVE_INFINITY, when)
  const world = await slackWorld({}, { limits: unlimited, around: (effect) => life.around(effect) })
  const resolved: Incident = { ...diagnosed, status: 'resolved', resolvedAt: Date.now() }
  try {
    await world.settle({ incident: diagnosed }, 0)
    await world.settle({ incident: resolved }, 0)
    life = mortal(n, when)
    await world.run({ incident: diagnosed }).catch(() => undefined)
    const wasKilled = life.dead
    life.revive()
    world.restart()
    await world.settle({ incident: resolved }, 0)
    return { wasKilled, text: world.slack.messages(CHANNEL)[0]?.text }
  } finally {
    await world.stop()
  }
}
