import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { people } from '../../src/sandbox/world/index.ts'
import { credentials } from '../../src/sandbox/world/office.ts'
import { buttonsOf, cardSays, command, press, type Stage, startStage, until } from './stage.ts'

let stage: Stage
let incident: { readonly id: string }

beforeAll(async () => {
  stage = await startStage({ env: { SLACK_APP_TOKEN: credentials.slackAppToken, SLACK_SIGNING_SECRET: '' } })
}, 30_000)

afterAll(() => stage.stop(), 30_000)

describe('the same over Socket Mode, where Slack cannot reach incbot', () => {
  it('connects, and posts a diagnosis with its buttons', async () => {
    await until('a connection', () => stage.world.slack.connections > 0, 10_000)
    incident = stage.world.trigger()
    const card = await cardSays(stage, incident.id, /checks answered/)
    expect(buttonsOf(card)).toHaveLength(2)
  }, 20_000)

  it('answers a command and refuses who may not press', async () => {
    expect(await command(stage, 'status')).toContain('inference')
    const { slack } = stage.world
    const before = slack.ephemerals.length
    const delivery = await press(stage, await cardSays(stage, incident.id, /./), /Freeze/, people.bystander.id)
    expect(delivery).toMatchObject({ transport: 'socket', status: 200 })
    await until(
      'a refusal',
      () => slack.ephemerals.slice(before).some(({ user }) => user === people.bystander.id),
      5_000,
    )
  }, 20_000)

  it('freezes and restarts for the approver, also after Slack asked to reconnect', async () => {
    await press(stage, await cardSays(stage, incident.id, /./), /Freeze/)
    await cardSays(stage, incident.id, /white_check_mark: \*Freeze/)
    expect(await stage.world.registry.deploy()).toMatchObject({ result: 'refused', gate: 'frozen' })
    stage.world.slack.refreshConnections()
    await until(
      'a press to get through again',
      async () => (await press(stage, await cardSays(stage, incident.id, /./), /Restart/)).status === 200,
      15_000,
    )
    await cardSays(stage, incident.id, /white_check_mark: \*Restart[^\n]*4 of 4 pods/, 20_000)
  }, 60_000)

  it('drains on SIGTERM, closes its connection and exits 0', async () => {
    stage.bot.kill('SIGTERM')
    expect(await stage.bot.ended).toBe(0)
    await until('the connection to be closed', () => stage.world.slack.connections === 0, 5_000)
  }, 30_000)
})
