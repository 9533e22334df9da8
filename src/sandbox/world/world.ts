import type { KubernetesStandIn } from '../kubernetes/index.ts'
import type { PagerDutyStandIn } from '../pagerduty/index.ts'
import type { PrometheusStandIn } from '../prometheus/index.ts'
import type { SlackStandIn } from '../slack/index.ts'

/** A system in trouble with everything around it that a bot may ask, all on loopback. */
export interface World {
  readonly slack: SlackStandIn
  readonly pagerduty: PagerDutyStandIn
  readonly kubernetes: KubernetesStandIn
  readonly prometheus: PrometheusStandIn
  /** The service's name in the bot's catalogue. */
  readonly service: string
  /** The Slack channel that belongs to it. */
  readonly channel: string
  /**
   * Writes what a bot needs to live in this world into a folder, and sends PagerDuty's webhooks, Slack's deliveries and the gate's
   * questions to the address that the bot will then listen on.
   */
  writeBotFiles(directory: string, options?: BotFileOptions): Promise<BotFiles>
  /** The alert that starts the story. */
  trigger(): { readonly id: string; readonly number: number; readonly title: string }
  stop(): Promise<void>
}

export interface BotFileOptions {
  /** Folder with runbooks; `runbooks` below the working directory unless given. */
  readonly runbooks?: string
}

export interface BotFiles {
  /** Where the bot will listen. */
  readonly url: string
  readonly opsUrl: string
  /** The bot's whole environment, but for what the system needs to start a program. */
  readonly env: Readonly<Record<string, string>>
}
