import { describe, expect, it } from '@jest/globals'
import type { Incident } from '../../src/domain/incident.ts'
import { aFinishedInvestigation, anIncident, anInvestigation, aRemediation, CHANNEL } from './builders.ts'
import { type SlackWorld, slackWorld, until } from './workspace.ts'

const diagnosed: Incident = anIncident({
  investigations: [aFinishedInvestigation()],
  remediations: [aRemediation()],
})

async function inWorld(
  run: (world: SlackWorld) => Promise<void>,
  ...setting: Parameters<typeof slackWorld>
): Promise<void> {
  const world = await slackWorld(...setting)
  try {
    await run(world)
  } finally {
    await world.stop()
  }
}

describe('the Slack projection', () => {
  it('posts one message, edits it in place, and puts details and chart into its thread', () =>
    inWorld(async ({ run, settle, slack }) => {
      expect(await run({ incident: anIncident() })).toBe('complete')
      expect(slack.messages(CHANNEL).map(({ text }) => text)).toEqual([expect.stringContaining('Diagnosing…')])

      await settle({ incident: diagnosed })
      const [card, ...others] = slack.messages(CHANNEL)
      expect(others).toEqual([])
      expect(card?.text).toContain('The model cache keeps every version')
      expect(card?.edited).toBe(1)
      const [, details, chart] = slack.thread(CHANNEL, card?.ts ?? '')
      expect(details?.text).toContain('31.2 of 32 GB')
      expect(chart?.files).toHaveLength(1)
      expect(slack.files[0]).toMatchObject({
        title: 'inference memory (prod)',
        altText: expect.stringContaining('31.2'),
      })
    }))

  it('does nothing more when it is run again, also by another process', () =>
    inWorld(async ({ settle, restart, slack, run }) => {
      await settle({ incident: diagnosed })
      const calls = slack.calls.length
      restart()
      expect(await run({ incident: diagnosed })).toBe('complete')
      expect(slack.calls).toHaveLength(calls)
    }))

  it('shows how many checks have answered, without remembering it', () =>
    inWorld(async ({ run, slack }) => {
      const incident = anIncident({ investigations: [anInvestigation({ checks: 4 })] })
      await run({ incident: anIncident() })
      await run({ incident, progress: { investigationId: 'pd-Q1-i1', done: 2, total: 4 } })
      await until(() => slack.messages(CHANNEL)[0]?.text.includes('2 answered') === true)
      await run({ incident: diagnosed })
      expect(slack.messages(CHANNEL)[0]?.text).toContain('The model cache keeps every version')
    }))

  it('posts once when Slack accepts the card and never answers', () =>
    inWorld(
      async ({ settle, slack }) => {
        slack.failNext('chat.postMessage', 'accept_then_timeout', 1)
        await settle({ incident: diagnosed })
        expect(slack.messages(CHANNEL)).toHaveLength(1)
        expect(slack.thread(CHANNEL, slack.messages(CHANNEL)[0]?.ts ?? '')).toHaveLength(3)
      },
      {},
      { callMs: 150 },
    ))
})
