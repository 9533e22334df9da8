import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { SlackMessage } from '../../src/sandbox/slack/index.ts'
import { buttonsOf, cardSays, cards, changesOf, press, type Stage, startStage, threadOf, until } from './stage.ts'

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
/** Nobody is at work for two days at least, whenever this test is run. */
const farDay = DAYS[(new Date().getUTCDay() + 3) % 7]

let stage: Stage

beforeAll(async () => {
  stage = await startStage({
    config: (yaml) =>
      `${yaml}
workingHours: { days: [${farDay}], timeZone: UTC }
schedule: { watch: { every: 1h, services: [inference], runbook: model-serving-memory } }
`,
  })
}, 30_000)

afterAll(() => stage.stop(), 30_000)

function preAlerts(): readonly SlackMessage[] {
  return cards(stage).filter(({ metadata }) => String(metadata?.event_payload.key).startsWith('slack:watch-'))
}

const preAlert = (says: RegExp): Promise<SlackMessage> =>
  until(
    `a pre-alert that says ${says}`,
    () => preAlerts().find(({ text }) => says.test(text)),
    20_000,
    () =>
      preAlerts()
        .map(({ text }) => text)
        .join('\n'),
  )

describe('a service that will run out of memory before anybody is back', () => {
  it('is told of with numbers, explanation and charts before any page goes off', async () => {
    const card = await preAlert(/checks answered/)
    expect(cards(stage)).toEqual([card])
    expect(card.text).toMatch(/inference (?:will|may) run out of memory .*before/)
    expect(card.text).toMatch(/grows by [\d.]+ [MG]B\/h\. With 80 % certainty between/)
    expect(card.text).toContain('found by the schedule “watch”')
    await until('charts in the thread', () => threadOf(stage, card).some(({ files }) => files.length > 0), 10_000)
    expect(preAlerts()).toHaveLength(1)
  })

  it('stays one card when the bot is started again', async () => {
    await stage.restart()
    const card = await preAlert(/checks answered/)
    expect(threadOf(stage, card).filter(({ text }) => text.includes('What was checked'))).toHaveLength(1)
    expect(preAlerts()).toHaveLength(1)
  })

  it('is referred to by the page when it does go off', async () => {
    const { id } = stage.world.trigger()
    const card = await cardSays(stage, id, /checks answered/)
    expect(card.text).toContain('Foreseen: when this began, a pre-alert of the service had been open since')
  })

  it('can be frozen from the pre-alert itself, by who may', async () => {
    const card = await preAlert(/checks answered/)
    expect(buttonsOf(card).map(({ text }) => text)).toContainEqual(expect.stringMatching(/Freeze/))
    await press(stage, card, /Freeze/)
    await preAlert(/:white_check_mark: \*Freeze/)
    expect(changesOf(stage)).toEqual([])
  })
})
