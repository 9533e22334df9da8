import { resolve } from 'node:path'
import { afterAll } from '@jest/globals'
import { type BotProcess, startBotProcess } from '../../src/cli/demo/bot-process.ts'

const running = new Set<BotProcess>()

/** Where `npm run build` puts the program; tests start it as a person would. */
export const MAIN = resolve('dist/main.js')

/**
 * Starts the built bot as a process and waits until it is ready. `env` is its whole environment, as `writeBotFiles` of a sandbox world
 * gives it. Bots that a test leaves running are killed after it.
 */
export async function startBot(env: Readonly<Record<string, string>>): Promise<BotProcess> {
  const bot = await startBotProcess({ main: MAIN, env })
  running.add(bot)
  void bot.ended.then(() => running.delete(bot))
  return bot
}

afterAll(async () => {
  for (const bot of running) bot.kill('SIGKILL')
  await Promise.all([...running].map((bot) => bot.ended))
})
