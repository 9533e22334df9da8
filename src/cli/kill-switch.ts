import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultOf } from '../config/environment-variables.ts'

interface Output {
  readonly stdout: { write(text: string): unknown }
}

const fileOf = (env: NodeJS.ProcessEnv): string =>
  join(env.INCBOT_DATA_DIR ?? defaultOf('INCBOT_DATA_DIR') ?? '.incbot', 'OFF')

/** Switches incbot off by a file that it looks for before every change; needs neither Slack nor the bot's own help. May be repeated. */
export async function switchOff(
  env: NodeJS.ProcessEnv,
  reason: string | undefined,
  { stdout }: Output,
): Promise<number> {
  const file = fileOf(env)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, `${reason ?? 'switched off on the command line'}\n`)
  stdout.write(`incbot only observes while ${file} exists. \`incbot on\` removes it.\n`)
  return 0
}

/** May be repeated. A switch-off by slash command stays: that one is lifted in Slack. */
export async function switchOn(env: NodeJS.ProcessEnv, { stdout }: Output): Promise<number> {
  const file = fileOf(env)
  await rm(file, { force: true })
  stdout.write(`${file} is gone. If incbot was also switched off in Slack, use the slash command to switch it on.\n`)
  return 0
}
