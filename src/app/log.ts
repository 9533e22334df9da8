import { createLogger } from '../ops/logger.ts'
import { createScrub } from '../ops/scrub.ts'
import type { Logger } from '../pipeline/ports.ts'
import type { Loaded } from './load.ts'

export interface AppLog {
  readonly log: Logger
  /** Hides in a text for people what the log hides in its lines. */
  readonly scrub: (text: string) => string
}

/** The log of a process that was given these settings: no secret of theirs gets into it. */
export function createLog({ environment, secrets }: Loaded): AppLog {
  const { slack, pagerduty, alertmanager, redis } = environment
  const known = [
    slack.botToken,
    slack.signingSecret,
    slack.appToken,
    pagerduty.apiToken,
    ...pagerduty.webhookSecrets,
    ...alertmanager.tokens,
    ...(redis?.secrets ?? []),
    ...secrets.values(),
  ].filter((secret) => secret !== undefined)
  return { log: createLogger({ level: environment.logLevel, secrets: known }), scrub: createScrub(known).text }
}
