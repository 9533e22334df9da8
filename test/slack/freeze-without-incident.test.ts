import { expect, it } from '@jest/globals'
import { advance, nextChangeAt } from '../../src/domain/advance.ts'
import type { Incident } from '../../src/domain/incident.ts'
import { firstWatch } from '../../src/domain/pre-alert.ts'
import { aFreeze, anIncident, aView, NOW } from './builders.ts'
import { slackWorld } from './workspace.ts'

const MINUTE = 60_000
const UNTIL = NOW + 120 * MINUTE
const { pagerduty: _none, urgency: _neither, ...rest } = anIncident({ investigations: [], remediations: [aFreeze()] })
const asked: Incident = {
  ...rest,
  id: 'freeze-1',
  origin: 'command',
  title: 'Freeze of inference',
  requestedBy: 'U0ADA',
}
const foreseen: Incident = {
  ...rest,
  id: 'watch-memory~inference~1',
  origin: 'schedule',
  status: 'resolved',
  resolvedAt: NOW,
  preAlert: { ...firstWatch('watch', 'memory'), state: 'closed', closedAt: NOW },
}

it.each([
  ['that somebody asked for', asked],
  ['that was made from a pre-alert which is closed by now', foreseen],
])('a freeze %s reminds people in its thread before it ends, and says there that it has', async (_how, record) => {
  const world = await slackWorld()
  try {
    await world.settle(aView({ incident: record }))
    expect(nextChangeAt(record)).toBe(UNTIL - 15 * MINUTE)
    const reminded = advance(record, UNTIL - 15 * MINUTE).incident
    await world.settle(aView({ incident: reminded }))
    const ended = advance(reminded, UNTIL).incident
    await world.settle(aView({ incident: ended }))
    const [card] = world.slack.messages('C0INFER')
    const said = world.slack.thread('C0INFER', card?.ts ?? '').map(({ text }) => text)
    expect(said.filter((text) => text.includes('can extend it with the button on the card'))).toHaveLength(1)
    expect(said.at(-1)).toContain('ended by itself')
  } finally {
    await world.stop()
  }
})
