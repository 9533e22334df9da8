import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { parseDuration } from '../config/quantities.ts'
import type { Metrics } from '../ops/metrics.ts'
import type { Commands } from '../pipeline/commands.ts'
import type { KillSwitch } from '../pipeline/kill-switch.ts'
import type { Catalogue, Logger } from '../pipeline/ports.ts'
import { createSlackCall } from '../slack/api.ts'
import { createSlackBot, type SlackBot } from '../slack/bot.ts'
import { createGroups } from '../slack/groups.ts'
import { sharedLimits } from '../slack/limits.ts'
import { createOutbox } from '../slack/outbox.ts'
import { createPeople } from '../slack/people.ts'
import type { Store } from '../store/store.ts'

interface Deps {
  readonly log: Logger
  readonly metrics: Metrics
  readonly now: () => number
}

/** What everything that speaks to Slack shares: the way there, its budgets, and who people are. */
export function openSlack({ slack }: Pick<Environment, 'slack'>, replicas: () => number, { log, metrics, now }: Deps) {
  const call = createSlackCall({ botToken: slack.botToken ?? '', apiUrl: slack.apiUrl })
  return {
    call,
    groupsOf: createGroups({ call, now, log }),
    factsOf: createPeople({ call, now, log }),
    outbox: createOutbox({ call, now, meter: metrics, limits: sharedLimits(replicas) }),
  }
}

/** Commands, mentions and buttons. */
export function openBot(
  { environment, config }: { readonly environment: Environment; readonly config: Config },
  parts: {
    readonly slack: ReturnType<typeof openSlack>
    readonly commands: Commands
    readonly catalogue: () => Catalogue
    readonly killSwitch: KillSwitch
    readonly store: Pick<Store, 'incident'>
  },
  { log, metrics, now }: Deps,
): SlackBot {
  const { botToken, signingSecret, appToken, apiUrl } = environment.slack
  const { slack, commands, catalogue, killSwitch, store } = parts
  return createSlackBot({
    config: {
      botToken: botToken ?? '',
      ...(signingSecret !== undefined && { signingSecret }),
      ...(appToken !== undefined && { appToken }),
      apiUrl,
      command: config.slack.command,
      ...(config.slack.workspace !== undefined && { workspace: config.slack.workspace }),
    },
    commands,
    call: slack.call,
    groupsOf: slack.groupsOf,
    cardDelayMs: () => slack.outbox.delayOf({ method: 'chat.update', priority: 'person' }),
    catalogue,
    incidentOf: async (id) => (await store.incident(id))?.value,
    admins: config.admins,
    switchOff: ({ user }, reason) => killSwitch.off(`<@${user}>`, reason),
    switchOn: async () => {
      await killSwitch.on()
    },
    parseDuration,
    log,
    meter: metrics,
    now,
  })
}
