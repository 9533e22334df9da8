import { createHmac } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { people } from '../../src/sandbox/world/index.ts'
import { channels, credentials } from '../../src/sandbox/world/office.ts'
import { buttonsOf, cardSays, cards, changesOf, command, press, type Stage, startStage, until } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
}, 30_000)

afterAll(() => stage.stop(), 30_000)

const frozen = async (): Promise<boolean> => {
  const response = await fetch(`${stage.bot.url}/v1/freezes/${stage.world.service}?scope=model`, {
    headers: { authorization: `Bearer ${credentials.gateToken}` },
  })
  await response.arrayBuffer()
  return response.status === 423
}

const cardWith = (text: RegExp, ms = 10_000) =>
  until(
    `a card with ${text}`,
    () => cards(stage).findLast((one) => text.test(one.text)),
    ms,
    () =>
      cards(stage)
        .map((one) => one.text.slice(0, 300))
        .join('\n---\n'),
  )

describe('commands', () => {
  it('name the nearest service when one is misspelt', async () => {
    expect(await command(stage, 'diagnose inferense')).toMatch(/no service “inferense”.*Did you mean `inference`\?/)
  })

  it('diagnose on request, and say who asked', async () => {
    expect(await command(stage, 'diagnose inference', people.bystander.id)).toMatch(/Diagnosing \*inference\*/)
    const card = await cardWith(/checks answered/)
    expect(card.text).toContain('not freed after eviction')
    expect(card.text).toContain(`requested by <@${people.bystander.id}>`)
  }, 15_000)

  it('are understood in a mention as well', async () => {
    const before = cards(stage).length
    await stage.world.slack.mention({
      user: people.approver.id,
      channel: stage.world.channel,
      text: 'diagnose inference',
    })
    const report = await until('a second report', () => cards(stage)[before], 10_000)
    expect(report.text).toContain(`requested by <@${people.approver.id}>`)
  }, 15_000)

  it('freeze for somebody who may, with a reason, and lift it again', async () => {
    await command(stage, 'freeze inference 30m leak under investigation')
    await cardWith(/white_check_mark: \*Freeze deploys for 30 min/)
    expect(await frozen()).toBe(true)
    expect(await command(stage, 'status inference')).toMatch(/frozen until .*leak under investigation/)
    await command(stage, 'unfreeze inference')
    await until('the gate to open', async () => !(await frozen()), 5_000)
    await cardWith(new RegExp(`lifted by <@${people.approver.id}>`))
  }, 20_000)

  it('freeze nothing for somebody who may not, and say who may', async () => {
    const before = stage.world.slack.ephemerals.length
    await command(stage, 'freeze inference 1h', people.bystander.id)
    await until(
      'the refusal',
      () => stage.world.slack.ephemerals.slice(before).some(({ text }) => text.includes(`<@${people.approver.id}>`)),
      5_000,
    )
    expect(await frozen()).toBe(false)
  }, 15_000)

  it('switch incbot off for everybody, by an admin only, and on again', async () => {
    expect(await command(stage, 'off for a test')).toMatch(/Only incbot’s admins/)
    expect(await command(stage, 'off for a test', people.admin.id)).toMatch(/switched off/)
    const { id } = stage.world.trigger()
    await cardSays(stage, id, /checks answered/)
    await command(stage, 'freeze inference 1h')
    await until(
      'the refusal',
      () => stage.world.slack.ephemerals.some(({ text }) => /switched off.*for a test/.test(text)),
      5_000,
    )
    expect(await frozen()).toBe(false)
    expect(await command(stage, 'on', people.admin.id)).toMatch(/switched on/)
  }, 20_000)

  it('obey the file that switches off when nothing else does', async () => {
    const file = join(stage.directory, 'data', 'OFF')
    await writeFile(file, '')
    const { id } = stage.world.trigger()
    const card = await cardSays(stage, id, /checks answered/)
    const before = stage.world.slack.ephemerals.length
    if (buttonsOf(card).length > 0) await press(stage, card, /Restart/)
    else await command(stage, 'freeze inference 1h')
    await until(
      'the refusal',
      () => stage.world.slack.ephemerals.slice(before).some(({ text }) => /switched off/.test(text)),
      5_000,
    )
    expect(changesOf(stage)).toEqual([])
    await rm(file)
  }, 20_000)
})

describe('a service that nobody catalogued', () => {
  it('gets a word in the fallback channel on how to catalogue it', async () => {
    const now = new Date().toISOString()
    const body = JSON.stringify({
      event: {
        id: '01ELSEWHERE',
        event_type: 'incident.triggered',
        resource_type: 'incident',
        occurred_at: now,
        agent: null,
        client: null,
        data: {
          id: 'QELSEWHERE',
          type: 'incident',
          self: 'https://api.pagerduty.com/incidents/QELSEWHERE',
          html_url: 'https://acme.pagerduty.com/incidents/QELSEWHERE',
          number: 77,
          status: 'triggered',
          incident_key: 'k',
          created_at: now,
          title: 'Checkout is slow',
          service: { id: 'PCHECKOUT', type: 'service_reference', summary: 'checkout-prod' },
          assignees: [],
          escalation_policy: null,
          teams: [],
          priority: null,
          urgency: 'high',
          conference_bridge: null,
          resolve_reason: null,
        },
      },
    })
    const signature = createHmac('sha256', credentials.pagerDutyWebhookSecret).update(body).digest('hex')
    const response = await fetch(`${stage.bot.url}/webhooks/pagerduty`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-pagerduty-signature': `v1=${signature}` },
      body,
    })
    expect(response.status).toBe(202)
    const card = await cardSays(stage, 'QELSEWHERE', /not in the service catalogue/, 10_000, channels.fallback)
    expect(card.text).toContain('PCHECKOUT')
    expect(buttonsOf(card)).toEqual([])
  }, 15_000)
})

describe('modes', () => {
  it('propose: buttons are shown, and pressing one says what would happen', async () => {
    await stage.restart({ config: (yaml) => yaml.replace('mode: act', 'mode: propose') })
    const { id } = stage.world.trigger()
    const card = await cardSays(stage, id, /checks answered/)
    expect(card.text).toContain('propose mode')
    await press(stage, card, /Restart/)
    await cardSays(stage, id, /Nothing was changed: inference is in propose mode.*Rolling restart of StatefulSet/)
    expect(changesOf(stage)).toEqual([])
  }, 30_000)

  it('observe: the diagnosis comes without buttons, and a command changes nothing', async () => {
    await stage.restart({ config: (yaml) => yaml.replace('mode: propose', 'mode: observe') })
    const { id } = stage.world.trigger()
    const card = await cardSays(stage, id, /checks answered/)
    expect(card.text).toContain('observe mode')
    expect(buttonsOf(card)).toEqual([])
    const before = stage.world.slack.ephemerals.length
    await command(stage, 'freeze inference 1h')
    await until(
      'the refusal',
      () => stage.world.slack.ephemerals.slice(before).some(({ text }) => /observe mode/.test(text)),
      5_000,
    )
    expect(await frozen()).toBe(false)
  }, 30_000)
})
