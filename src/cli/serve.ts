import { loadSettings } from '../app/load.ts'
import { createLog } from '../app/log.ts'
import { startApp } from '../app/start.ts'
import { unknownVariables } from '../config/environment.ts'

/** What a library leaves open must not keep a process that has done all it had to. */
const LINGERS_MS = 1_000

/** Runs the bot until SIGTERM or SIGINT; SIGHUP reads the runbooks again. Throws `ConfigurationError`. */
export async function serve(env: NodeJS.ProcessEnv): Promise<number> {
  const loaded = await loadSettings(env)
  const { log, scrub } = createLog(loaded)
  const named = loaded.config.secrets.map(({ variable }) => variable)
  for (const warning of unknownVariables(env, named)) log.warn({ warning }, 'Unknown variable')
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'Unhandled rejection: a bug'))
  // From the beginning: whoever is told to end while it starts must end in order as well.
  const ended = new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })
  const app = await startApp(loaded, log, scrub)
  process.on('SIGHUP', () => void app.reload())
  const signal = await ended
  log.info({ signal }, 'Draining')
  await app.stop()
  log.info({}, 'Stopped')
  // Does not keep the process itself: most times nothing is left, and it has ended before.
  setTimeout(() => {
    log.warn({ open: process.getActiveResourcesInfo() }, 'Ending although something was left open')
    process.exit(0)
  }, LINGERS_MS).unref()
  return 0
}
