import { loadSettings } from '../app/load.ts'
import { createLog } from '../app/log.ts'
import { startApp } from '../app/start.ts'
import { unknownVariables } from '../config/environment.ts'

/** Runs the bot until SIGTERM or SIGINT; SIGHUP reads the runbooks again. Throws `ConfigurationError`. */
export async function serve(env: NodeJS.ProcessEnv): Promise<number> {
  const loaded = await loadSettings(env)
  const { log, scrub } = createLog(loaded)
  const named = loaded.config.secrets.map(({ variable }) => variable)
  for (const warning of unknownVariables(env, named)) log.warn({ warning }, 'Unknown variable')
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'Unhandled rejection: a bug'))
  const app = await startApp(loaded, log, scrub)
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
