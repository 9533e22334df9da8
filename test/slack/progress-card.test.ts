import { expect, it } from '@jest/globals'
import { anIncident, anInvestigation, CHANNEL } from './builders.ts'
import { slackWorld, until } from './workspace.ts'

const MINUTE = 60_000
const resolvedAt = Math.floor(Date.now() / MINUTE) * MINUTE

const over = anIncident({
  status: 'resolved',
  resolvedAt,
  investigations: [anInvestigation({ state: 'cancelled', finishedAt: resolvedAt })],
})
const open = anIncident({
  investigations: [
    anInvestigation({ state: 'cancelled', finishedAt: resolvedAt }),
    anInvestigation({ id: 'pd-Q1-i2', reason: 'reopened' }),
  ],
})

it.each(['the same process', 'another process'])(
  'goes back to what was confirmed before progress was shown, by %s',
  async (who) => {
    const world = await slackWorld()
    const { run, settle, restart, slack } = world
    const says = (): string => slack.messages(CHANNEL)[0]?.text ?? ''
    try {
      await run({ incident: anIncident() })
      await settle({ incident: over })
      expect(says()).toContain('resolved')
      await settle({ incident: open })
      await until(() => says().includes('Diagnosing'))
      if (who === 'another process') restart()
      await settle({ incident: over })
      expect(says()).toContain('resolved')
      expect(says()).not.toContain('Diagnosing')
      await settle({ incident: open })
      await until(() => says().includes('Diagnosing'))
    } finally {
      await world.stop()
    }
  },
)
