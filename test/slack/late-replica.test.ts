import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { aHold } from '../fakes/hold.ts'
import { anIncident, CHANNEL } from './builders.ts'
import { slackWorld, until } from './workspace.ts'

it.each([
  ['before', 0],
  ['after', 1],
])(
  'a replica that is held up %s its intent was stored posts nothing once another has taken over',
  async (_, stored) => {
    let effects = 0
    let goOn: () => void = () => undefined
    const heldUp = new Promise<void>((resolve) => {
      goOn = resolve
    })
    let isHeld = true
    const { slack, run, restart, stop } = await slackWorld(
      {},
      {
        around: async (effect) => {
          effects += 1
          if (effects > 1) return effect()
          // The first effect is the store taking the intent.
          const before = stored === 1 ? await effect() : undefined
          await heldUp
          return stored === 1 ? before : effect()
        },
      },
    )
    try {
      const late = run(
        { incident: anIncident() },
        aHold(() => isHeld),
      ).then(
        () => 'complete',
        () => 'incomplete',
      )
      await until(() => effects === 1)
      isHeld = false
      restart()
      await run({ incident: anIncident() })
      expect(slack.messages(CHANNEL)).toHaveLength(1)
      goOn()
      expect(await late).toBe('incomplete')
      await pause(50)
      expect(slack.messages(CHANNEL)).toHaveLength(1)
      // An intent that is stored late makes the next run look, and not post again.
      await run({ incident: anIncident() })
      expect(slack.messages(CHANNEL)).toHaveLength(1)
    } finally {
      await stop()
    }
  },
)
