import { loadSettings } from '../app/load.ts'
import { startApp } from '../app/start.ts'
import { unknownVariables } from '../config/environment.ts'
import { createLogger } from '../ops/logger.ts'
import { createScrub } from '../ops/scrub.ts'

/** Runs the bot until SIGTERM or SIGINT; SIGHUP reads the runbooks again. Throws `ConfigurationError`. */
export async function serve(env: NodeJS.ProcessEnv): Promise<number> {
  const loaded = await loadSettings(env)
  const { environment, config, secrets } = loaded
  const { slack, pagerduty } = environment
  const known = [
    slack.botToken,
    slack.signingSecret,
    slack.appToken,
    pagerduty.apiToken,
    ...pagerduty.webhookSecrets,
    ...secrets.values(),
  ].filter((secret) => secret !== undefined)
  const log = createLogger({ level: environment.logLevel, secrets: known })
  for (const warning of unknownVariables(
    env,
    config.secrets.map(({ variable }) => variable),
  ))
    log.warn({ warning }, 'Unknown variable')
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'Unhandled rejection: a bug'))
  const app = await startApp(loaded, log, createScrub(known).text)
  process.on('SIGHUP', () => void app.reload())
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })
  log.info({ signal }, 'Draining')
  await app.stop()
  log.info({}, 'Stopped')
  return 0
}
