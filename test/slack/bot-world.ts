import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseDuration } from '../../src/config/quantities.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { Commands } from '../../src/pipeline/commands.ts'
import { type SlackStandIn, type SlackStandInOptions, startSlackStandIn } from '../../src/sandbox/slack/index.ts'
import { createSlackCall } from '../../src/slack/api.ts'
import { createSlackBot, type SlackBot, type SlackBotConfig } from '../../src/slack/bot.ts'
import { createGroups, type GroupsOf } from '../../src/slack/groups.ts'
import { createPeople, type FactsOf } from '../../src/slack/people.ts'
import { aCatalogue, aLogger, aService } from './builders.ts'
import { appToken, botToken, signingSecret, workspaceOptions } from './workspace.ts'

export type Asked = readonly [what: keyof Commands | 'switchOff' | 'switchOn', ...details: readonly unknown[]]

/** A bot on a stand-in workspace, with commands that only write down what they are asked. */
export interface BotWorld {
  readonly slack: SlackStandIn
  readonly bot: SlackBot
  readonly groupsOf: GroupsOf
  readonly factsOf: FactsOf
  readonly asked: readonly Asked[]
  readonly log: ReturnType<typeof aLogger>
  stop(): Promise<void>
}

/** Commands that remember; `answer` says what they resolve with or how they fail. */
export function fakeCommands(asked: Asked[], overrides: Partial<Commands> = {}): Commands {
  return {
    pagerDuty: async () => 'stored',
    alerts: async () => ({ stored: 0, duplicates: 0, incidents: 0 }),
    async diagnose(service, by, channel, key) {
      asked.push(['diagnose', service.name, by, channel, key])
      return { incidentId: `report-${key}` }
    },
    async click(incidentId, remediationId, by, channel, key, typed) {
      asked.push(['click', incidentId, remediationId, by, channel, key, ...(typed === undefined ? [] : [typed])])
      return undefined
    },
    async abortOne(incidentId, remediationId, by, channel, key) {
      asked.push(['abortOne', incidentId, remediationId, by, channel, key])
      return undefined
    },
    async abort(service, by, channel, reason, key) {
      asked.push(['abort', service.name, by, channel, reason, key])
      return { incidentIds: ['pd-Q1'] }
    },
    async extend(incidentId, freezeId, byMs, by, channel, key) {
      asked.push(['extend', incidentId, freezeId, byMs, by, channel, key])
      return undefined
    },
    async exempt(service, by, channel, exemption, key) {
      asked.push(['exempt', service.name, by, channel, exemption, key])
      return { incidentIds: ['freeze-1'] }
    },
    async freeze(service, by, channel, request, key) {
      asked.push(['freeze', service.name, by, channel, request, key])
      return { incidentId: `freeze-${key}` }
    },
    async unfreeze(service, by, channel, reason, key) {
      asked.push(['unfreeze', service.name, by, channel, reason, key])
      return { incidentIds: ['freeze-1'] }
    },
    async status(service) {
      asked.push(['status', service?.name])
      return { services: [] }
    },
    ...overrides,
  }
}

export async function botWorld(
  transport: 'http' | 'socket',
  setting: {
    readonly slack?: Partial<SlackStandInOptions>
    readonly commands?: Partial<Commands>
    /** The records that dialogs are made from. */
    readonly incidents?: readonly Incident[]
    readonly incidentOf?: (id: string) => Promise<Incident | undefined>
    readonly now?: () => number
    readonly workspace?: string
    readonly perMinute?: SlackBotConfig['perMinute']
    readonly cardDelayMs?: number
  } = {},
): Promise<BotWorld> {
  const slack = await startSlackStandIn(workspaceOptions(setting.slack))
  const asked: Asked[] = []
  const log = aLogger()
  const services = [aService(), aService({ name: 'checkout' }), aService({ name: 'training' })]
  const now = setting.now ?? Date.now
  const call = createSlackCall({ botToken, apiUrl: slack.url })
  const groupsOf = createGroups({ call, now, log })
  const bot = createSlackBot({
    call,
    groupsOf,
    cardDelayMs: () => setting.cardDelayMs ?? 0,
    config: {
      botToken,
      apiUrl: slack.url,
      command: '/inc',
      ...(transport === 'http' ? { signingSecret } : { appToken }),
      ...(setting.workspace !== undefined && { workspace: setting.workspace }),
      ...(setting.perMinute && { perMinute: setting.perMinute }),
    },
    incidentOf: setting.incidentOf ?? (async (id) => setting.incidents?.find((one) => one.id === id)),
    commands: fakeCommands(asked, setting.commands),
    catalogue: () => aCatalogue(...services),
    admins: { users: ['U0ADA'], groups: [] },
    switchOff: async (by, reason) => {
      asked.push(['switchOff', by, reason])
    },
    switchOn: async (by) => {
      asked.push(['switchOn', by])
    },
    parseDuration,
    log,
    now,
  })
  const server = createServer((req, res) => bot.requestListener?.(req, res))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  if (transport === 'http') {
    // A TCP server that listens has an address object.
    slack.requestUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`
  }
  await bot.start()
  return {
    slack,
    bot,
    groupsOf,
    factsOf: createPeople({ call, now, log }),
    asked,
    log,
    async stop() {
      await bot.stop()
      server.closeAllConnections()
      server.close()
      await slack.stop()
    },
  }
}
